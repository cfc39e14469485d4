// The form by which people sign in at an issuer.

// form is the page: after a wrong password it says so.
export function form(issuer, again) {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Sign in at ${issuer}</title></head>
<body>
<main>
<h1>Sign in at ${issuer}</h1>
${again ? '<p role="alert">The name or the password is wrong.</p>' : ''}
<form method="post">
<p><label>Name <input name="name" autocomplete="username"></label></p>
<p><label>Password <input name="password" type="password" autocomplete="current-password"></label></p>
<p><button>Sign in</button> <button name="cancel" value="yes">Cancel</button></p>
</form>
</main>
</body>
</html>
`;
}

// typed is what somebody has filled in.
export async function typed(req) {
  let text = '';
  for await (const chunk of req.setEncoding('utf8')) {
    text += chunk;
  }
  return Object.fromEntries(new URLSearchParams(text));
}
