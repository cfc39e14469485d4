package browsertest_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/caretaker/caretaker/infra/browser/browsertest"
)

// The steps that most scenarios have.
var (
	toRegister = post("/registration/options", nil, "toRegister")
	create     = browsertest.Step{Do: "create", From: "toRegister.options", Save: "made"}
	register   = post("/registration", map[string]any{"credential": "${made}"}, "")
	toSignIn   = post("/sign-in/options", map[string]any{"user": userID}, "toSignIn")
	toSignInAs = post("/sign-in/options", nil, "toSignIn") // whoever it is
	get        = browsertest.Step{Do: "get", From: "toSignIn.options", Save: "used"}
	signIn     = post("/sign-in", map[string]any{"credential": "${used}"}, "")
	unverified = browsertest.Step{Do: "authenticator", Set: map[string]any{"userVerified": false}}
)

func post(path string, body any, save string) browsertest.Step {
	return browsertest.Step{Do: "api", Method: "POST", Path: path, Body: body, Save: save}
}

func play(t *testing.T, steps ...browsertest.Step) []browsertest.Result {
	t.Helper()
	results := browsertest.Passkeys(t, serve(t), steps...)
	if len(results) != len(steps) {
		t.Fatalf("%d results of %d steps", len(results), len(steps))
	}
	return results
}

// mustGo fails unless every step was done: by the browser without an error, by the service with 200.
func mustGo(t *testing.T, results []browsertest.Result) {
	t.Helper()
	for i, r := range results {
		if r.Error != "" || r.Status != 0 && r.Status != 200 {
			t.Errorf("step %d: %d %s %s %s", i+1, r.Status, r.Value, r.Error, r.Message)
		}
	}
}

func TestRegistrationAndSignInWithAKnownUser(t *testing.T) {
	t.Parallel()
	results := play(t, toRegister, create, register, toSignIn, get, signIn, toSignIn, get, signIn)
	mustGo(t, results)
	if got, want := string(results[8].Value), `{"user":"`+userID+`","passkeys":1,"counter":3}`; got != want {
		t.Errorf("signed in as %s, want %s", got, want)
	}
}

func TestDiscoverableSignIn(t *testing.T) {
	t.Parallel()
	results := play(t, toRegister, create, register, toSignInAs, get, signIn)
	mustGo(t, results)
	var asked struct{ Options map[string]any }
	if err := json.Unmarshal(results[3].Value, &asked); err != nil || asked.Options["allowCredentials"] != nil {
		t.Errorf("the options name passkeys: %v, %v", asked, err)
	}
	if got, want := string(results[5].Value), `{"user":"`+userID+`","passkeys":1,"counter":2}`; got != want {
		t.Errorf("signed in as %s, want %s", got, want)
	}
}

func TestASecondPasskeyIsMadeOnAnotherDeviceOnly(t *testing.T) {
	t.Parallel()
	another := browsertest.Step{Do: "authenticator", Replace: true, Set: map[string]any{"transport": "usb"}}
	held := browsertest.Step{Do: "credentials"}
	results := play(t, toRegister, create, register, toRegister, create, another, create, register, held, toSignIn, get, signIn)
	if r := results[4]; r.Error != "InvalidStateError" {
		t.Errorf("the same device made a second passkey: %+v", r)
	}
	mustGo(t, append(results[:4], results[5:]...))
	if got := string(results[10].Value); !strings.Contains(got, `"passkeys":2`) {
		t.Errorf("signed in as %s, want two passkeys", got)
	}
	var credentials []struct {
		RPID       string `json:"rpId"`
		IsResident bool   `json:"isResidentCredential"`
		PrivateKey string `json:"privateKey"`
	}
	if err := json.Unmarshal(results[7].Value, &credentials); err != nil || len(credentials) != 1 ||
		credentials[0].RPID != "localhost" || !credentials[0].IsResident || credentials[0].PrivateKey != "" {
		t.Errorf("the device holds %s, %v", results[7].Value, err)
	}
}

// The browser keeps its side: with userVerification required it gives no response without.
func TestTheBrowserGivesNothingWithoutVerifyingTheUser(t *testing.T) {
	t.Parallel()
	results := play(t, toRegister, create, register, unverified, toSignIn, get, toRegister, create)
	mustGo(t, results[:5])
	for _, i := range []int{5, 7} {
		if r := results[i]; r.Error != "NotAllowedError" || r.Value != nil {
			t.Errorf("step %d gave %+v", i+1, r)
		}
	}
}

// A page that is not ours to trust may ask for less than we do. Then it is the service that must refuse.
func TestTheServiceRefusesWithoutVerifyingTheUser(t *testing.T) {
	t.Parallel()
	lessToRegister := post("/registration/options", map[string]any{"careless": true}, "toRegister")
	lessToSignIn := post("/sign-in/options", map[string]any{"careless": true, "user": userID}, "toSignIn")
	results := play(t,
		toRegister, create, register, unverified,
		lessToSignIn, get, signIn,
		browsertest.Step{Do: "authenticator", Replace: true, Set: map[string]any{"hasUserVerification": false}},
		lessToRegister, create, register)
	for _, i := range []int{6, 10} {
		if r := results[i]; r.Status != 401 || !strings.Contains(string(r.Value), "User verification required") {
			t.Errorf("step %d gave %d %s", i+1, r.Status, r.Value)
		}
	}
	mustGo(t, append(results[:6], results[7:10]...))
}

func TestAResponseIsTakenOnce(t *testing.T) {
	t.Parallel()
	results := play(t, toRegister, create, register, toSignIn, get, signIn, signIn)
	mustGo(t, results[:6])
	if r := results[6]; r.Status != 401 {
		t.Errorf("the same response a second time: %d %s", r.Status, r.Value)
	}
}

// Calls of the API come with the page's cookies and headers, and what was saved goes where it is named.
func TestStepsShareCookiesAndWhatWasSaved(t *testing.T) {
	t.Parallel()
	look := browsertest.Step{Do: "api", Path: "/echo"}
	results := play(t,
		post("/echo", map[string]any{"a": []any{1, map[string]any{"b": "c"}}, "n": nil}, "first"),
		browsertest.Step{
			Do: "api", Method: "PUT", Path: "/echo?${first.body.a.1.b}", Headers: map[string]string{"X-Saved": "${first.method}"},
			Body: map[string]any{"whole": "${first.body.a}", "part": "<${first.body.a.1.b}>", "list": []string{"${first.method}"}},
		},
		browsertest.Step{Do: "open", Path: "/echo"}, look,
		browsertest.Step{Do: "forget"}, look,
		browsertest.Step{Do: "api", Path: "/nowhere"},
		browsertest.Step{Do: "api", Path: "/redirect"},
	)
	mustGo(t, results[:6])
	for i, want := range map[int]string{
		0: `{"body":{"a":[1,{"b":"c"}],"n":null},"cookie":"","method":"POST","saved":"","site":"same-origin"}`,
		1: `{"body":{"list":["POST"],"part":"<c>","whole":[1,{"b":"c"}]},"cookie":"visited=1","method":"PUT","saved":"POST","site":"same-origin"}`,
		3: `{"body":null,"cookie":"visited=1","method":"GET","saved":"","site":"same-origin"}`,
		5: `{"body":null,"cookie":"","method":"GET","saved":"","site":"same-origin"}`,
		6: `"404 page not found\n"`,
	} {
		if got := string(results[i].Value); got != want {
			t.Errorf("step %d: %s, want %s", i+1, got, want)
		}
	}
	if results[6].Status != 404 || results[7].Status != 303 || results[7].Headers["location"] != "/echo" {
		t.Errorf("404 and 303 are %+v and %+v", results[6], results[7])
	}
}

func TestAStepThatCannotBeDoneFailsTheTest(t *testing.T) {
	t.Parallel()
	for because, step := range map[string]browsertest.Step{
		`there is no step \"dance\"`:             {Do: "dance"},
		`nothing was saved as \"constructor\"`:   {Do: "api", Path: "/${constructor}"},
		`an authenticator has no \"brightness\"`: {Do: "authenticator", Set: map[string]any{"brightness": 1}},
		"is not at http://localhost":             {Do: "api", Path: "http://127.0.0.1:1/"},
	} {
		f := &failing{TB: t}
		browsertest.Passkeys(f, serve(t), browsertest.Step{Do: "forget"}, step)
		because = strings.ReplaceAll(because, `\"`, `"`)
		if !strings.Contains(f.said, "step 2 ("+step.Do+"): ") || !strings.Contains(f.said, because) {
			t.Errorf("the test says %q, want %q in it", f.said, because)
		}
	}
}
