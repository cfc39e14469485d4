// One issuer: an instance of oidc-provider, and what a test has set about it.
import { generateKeyPair, randomBytes, randomUUID } from 'node:crypto';
import { promisify } from 'node:util';

import Provider, { interactionPolicy } from 'oidc-provider';

import { forge } from './forge.js';
import { form, typed } from './form.js';
import { Store } from './store.js';

// Issuers have the same keys until they rotate theirs, because an RSA key takes a third of a second to make.
const firstKeys = newKeys();

export class Issuer {
  signIns = []; // who signs in at the authorisation requests to come: { sub } or { error }
  misdeed = null; // what is done to the next ID token; see forge.js
  metadata = {}; // members of the discovery document that are replaced; null leaves one out
  down = false; // true: everything is answered 503

  #clients = new Map();
  #accounts = new Map();
  #passwords = new Map();
  // Claims beside sub and email are released with the scope "profile", whatever their names.
  #profile = new Set(['name', 'preferred_username']);
  #store = new Store(this.#clients);
  #cookieKey = randomBytes(32).toString('hex');
  #clock = 0; // seconds by which the test's clock is ahead
  #keys;
  #userinfoOnly;
  #provider;
  #handle;

  static async create(name, url, { userinfoOnly = false }) {
    return new Issuer(name, url, userinfoOnly, await firstKeys);
  }

  constructor(name, url, userinfoOnly, keys) {
    this.name = name;
    this.url = url;
    this.#userinfoOnly = userinfoOnly;
    this.#keys = keys;
    this.#build();
  }

  setClient(id, { secret, redirectUris, alg = 'RS256', auth = 'client_secret_basic' }) {
    this.#clients.set(id, {
      client_id: id,
      client_secret: secret || undefined,
      redirect_uris: redirectUris,
      id_token_signed_response_alg: alg,
      token_endpoint_auth_method: secret ? auth : 'none',
    });
  }

  setAccount(sub, claims) {
    this.#accounts.set(sub, claims);
    const known = this.#profile.size;
    Object.keys(claims).filter((claim) => !claim.startsWith('email')).forEach((claim) => this.#profile.add(claim));
    if (this.#profile.size > known) {
      this.#build();
    }
  }

  setPassword(sub, { password }) {
    this.#passwords.set(sub, password);
  }

  setClock(now) {
    this.#clock = now ? Math.round((Date.parse(now) - Date.now()) / 1000) : 0;
  }

  // The former keys are gone at once, as after a leak; what was begun goes on.
  async rotateKeys() {
    this.#keys = await newKeys();
    this.#build();
  }

  async handle(req, res) {
    const path = req.url.slice(this.name.length + 1);
    if (path.startsWith('/sign-in/')) {
      return this.#signIn(req, res);
    }
    req.originalUrl = req.url; // oidc-provider tells from it where it is mounted
    req.url = path;
    return this.#handle(req, res);
  }

  // The next of signIns signs in; when there is none, people with passwords are shown a form.
  async #signIn(req, res) {
    const next = this.signIns.shift() ?? (req.method === 'POST' && this.#whoIs(await typed(req)));
    if (!next && this.#passwords.size > 0) {
      res.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
      res.end(form(this.name, req.method === 'POST'));
      return;
    }
    if (!next) {
      res.writeHead(409, { 'content-type': 'text/plain' });
      res.end('The test has not said who signs in.');
      return;
    }
    const result = next.error ? { error: next.error } : { login: { accountId: next.sub } };
    await this.#provider.interactionFinished(req, res, result, { mergeWithLastSubmission: false });
  }

  #whoIs({ name, password, cancel }) {
    if (cancel) {
      return { error: 'access_denied' };
    }
    return this.#passwords.get(name) === password && password ? { sub: name } : undefined;
  }

  // The keys and the names of claims are fixed in an instance, so another one takes over when they change.
  #build() {
    this.#provider = new Provider(this.url, {
      adapter: (model) => this.#store.adapter(model),
      jwks: { keys: this.#keys },
      claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: [...this.#profile] },
      conformIdTokenClaims: this.#userinfoOnly,
      clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'none'],
      cookies: { keys: [this.#cookieKey] },
      enabledJWA: { idTokenSigningAlgValues: ['RS256', 'PS256', 'ES256', 'EdDSA'] },
      features: { devInteractions: { enabled: false } }, // a browser in which somebody else signs in is signed out first
      findAccount: (_, sub) => this.#account(sub),
      interactions: { policy: policy(), url: (_, interaction) => `${this.url}/sign-in/${interaction.uid}` },
      loadExistingGrant: consent,
      pkce: { required: () => true },
      ttl: { Grant: 600, Interaction: 600, Session: 600 }, // seconds
    });
    this.#provider.use((ctx, next) => this.#alter(ctx, next));
    this.#handle = this.#provider.callback();
  }

  #account(sub) {
    const claims = this.#accounts.get(sub);
    return claims && { accountId: sub, claims: () => ({ ...claims, sub }) };
  }

  // Changes answers on their way out, as the test wishes.
  async #alter(ctx, next) {
    await next();
    if (ctx.path === '/.well-known/openid-configuration') {
      ctx.body = replace(ctx.body, this.metadata);
    }
    if (!ctx.body?.id_token || !(this.misdeed || this.#clock)) {
      return;
    }
    const misdeed = { shift: 0, ...this.misdeed };
    misdeed.shift += this.#clock;
    this.misdeed = null;
    const secret = this.#clients.get(ctx.oidc.client.clientId).client_secret;
    ctx.body = replace(ctx.body, { id_token: await forge(ctx.body.id_token, misdeed, this.#keys, secret) });
  }
}

// replace replaces members, and leaves out those that are null.
function replace(members, replaced) {
  return Object.fromEntries(Object.entries({ ...members, ...replaced }).filter(([, value]) => value !== null));
}

// Each authorisation request asks anew who signs in, also in a browser that remembers somebody.
function policy() {
  const prompts = interactionPolicy.base();
  prompts.get('login').checks.add(new interactionPolicy.Check(
    'each_time', 'the test says each time who signs in', (ctx) => !ctx.oidc.result?.login,
  ));
  return prompts;
}

// Everybody consents to everything.
async function consent(ctx) {
  const { client, session, provider } = ctx.oidc;
  const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
  grant.addOIDCScope('openid email profile');
  await grant.save();
  return grant;
}

async function newKeys() {
  const generate = promisify(generateKeyPair);
  const pairs = await Promise.all([
    generate('rsa', { modulusLength: 2048 }), generate('ec', { namedCurve: 'P-256' }), generate('ed25519'),
  ]);
  return pairs.map(({ privateKey }) => ({ ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), use: 'sig' }));
}
