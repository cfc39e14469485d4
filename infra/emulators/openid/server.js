// An OpenID provider for tests: oidc-provider with its clients, people and misdeeds set over HTTP. It has as many
// issuers as tests ask for, each with clients and people of its own, so that tests which share the process do not meet.
// It keeps everything in memory and listens on 127.0.0.1 at a free port.
//
// What tests set is under /test/issuers/NAME (the Go package openidtest describes it, and is its client); the issuer
// itself is under /NAME.
import { createServer } from 'node:http';

import { Issuer } from './issuer.js';

const issuers = new Map();
let base;

// The answers to what tests ask of an issuer, by method and the part of the path after the issuer's name.
const settings = [
  ['DELETE', /^$/, (issuer) => { issuers.delete(issuer.name); }],
  ['PUT', /^clients\/([^/]+)$/, (issuer, body, id) => issuer.setClient(id, body)],
  ['PUT', /^accounts\/([^/]+)$/, (issuer, body, sub) => issuer.setAccount(sub, body)],
  ['PUT', /^passwords\/([^/]+)$/, (issuer, body, sub) => issuer.setPassword(sub, body)],
  ['POST', /^sign-ins$/, (issuer, body) => { issuer.signIns.push(body); }],
  ['PUT', /^misbehave$/, (issuer, body) => { issuer.misdeed = body; }],
  ['PUT', /^metadata$/, (issuer, body) => { issuer.metadata = body; }],
  ['PUT', /^outage$/, (issuer, body) => { issuer.down = body.down; }],
  ['PUT', /^clock$/, (issuer, body) => issuer.setClock(body.now)],
  ['POST', /^rotate-keys$/, (issuer) => issuer.rotateKeys()],
];

const server = createServer((req, res) => {
  answer(req, res).catch((err) => {
    console.error(err);
    send(res, 500, { error: String(err) });
  });
});

async function answer(req, res) {
  const { pathname } = new URL(req.url, base);
  const [, name, rest] = pathname.match(/^\/test\/issuers\/([a-z0-9-]+)\/?(.*)$/) ?? [];
  if (name) {
    return set(req, res, name, rest);
  }
  const issuer = issuers.get(pathname.split('/')[1]);
  if (!issuer) {
    return send(res, 404, { error: 'no such issuer' });
  }
  if (issuer.down) {
    return send(res, 503, { error: 'temporarily_unavailable' });
  }
  return issuer.handle(req, res);
}

async function set(req, res, name, rest) {
  const body = await json(req);
  if (req.method === 'PUT' && rest === '') {
    const { protocol, port } = new URL(base);
    const issuer = await Issuer.create(name, `${protocol}//${body.host ?? '127.0.0.1'}:${port}/${name}`, body);
    issuers.set(name, issuer);
    return send(res, 201, { issuer: issuer.url });
  }
  const issuer = issuers.get(name);
  for (const [method, path, apply] of settings) {
    const matched = rest.match(path);
    if (issuer && matched && method === req.method) {
      await apply(issuer, body, ...matched.slice(1).map(decodeURIComponent));
      return send(res, 204);
    }
  }
  return send(res, 404, { error: 'nothing to set here' });
}

async function json(req) {
  let text = '';
  for await (const chunk of req.setEncoding('utf8')) {
    text += chunk;
  }
  return text ? JSON.parse(text) : {};
}

function send(res, status, body) {
  res.writeHead(status, { 'content-type': 'application/json' });
  res.end(body && JSON.stringify(body));
}

server.listen(0, '127.0.0.1', () => {
  base = `http://127.0.0.1:${server.address().port}`;
  console.log(`OpenID provider on ${base} (one issuer for each that a test asks for)`);
});
