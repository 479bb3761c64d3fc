// Shows that a client library we did not write (oauth4webapi) gets along with a running server: discovery, pairing by a
// code, client_credentials with private_key_jwt and DPoP, an upload, revocation, and a resident's session with a clock that
// is a day off. `.ci/oauth` starts the server and runs this.
//
//   NAHRAUM_URL, NAHRAUM_LOGIN, NAHRAUM_PASSWORD   the server, and a person of a practice

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import * as oauth from 'oauth4webapi'

const { NAHRAUM_URL: url, NAHRAUM_LOGIN: login, NAHRAUM_PASSWORD: password } = process.env
// The library wants https, except where it is told that this is a test.
const insecure = { [oauth.allowInsecureRequests]: true }
const DAY = 86_400
const PIN = '482915'
const BIRTH_DATE = '1961-03-14'

const done = (what) => console.log(`ok  ${what}`)
const keyPair = () => oauth.generateKeyPair('ES256', { extractable: true })

async function publicJwk(key) {
  const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', key)
  return { kty, crv, x, y }
}

/** The code of an error that the library made of an answer. */
async function refusal(promise) {
  const error = await promise.then(() => assert.fail('it should have been refused'), (error) => error)
  assert.ok(error instanceof oauth.ResponseBodyError, String(error))
  return error.error
}

/** Somebody with a key, at our own API: the library makes the proofs. */
class Somebody {
  constructor(client, keys) {
    this.dpop = oauth.DPoP(client, keys)
  }

  /** A request without a token, proven. */
  async post(path, body) {
    const target = new URL(path, url)
    const headers = new Headers({ 'content-type': 'application/json' })
    await this.dpop.addProof(target, headers, 'POST')
    return fetch(target, { method: 'POST', headers, body: JSON.stringify(body) })
  }

  /** A request with a token, proven. */
  async ask(method, path, body) {
    const headers = new Headers(body ? { 'content-type': 'application/json' } : {})
    const text = body ? JSON.stringify(body) : undefined
    const target = new URL(path, url)
    return oauth.protectedResourceRequest(this.token, method, target, headers, text, { DPoP: this.dpop, ...insecure })
  }
}

async function json(answer, status) {
  const text = await answer.text()
  assert.equal(answer.status, status, text)
  return text ? JSON.parse(text) : undefined
}

/** With a nonce, when the server wants one. */
async function withNonce(request, process) {
  try {
    return [await process(await request()), false]
  } catch (error) {
    if (!oauth.isDPoPNonceError(error)) throw error
    return [await process(await request()), true]
  }
}

const issuer = new URL(url)
const as = await oauth
  .discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure })
  .then((answer) => oauth.processDiscoveryResponse(issuer, answer))
for (const grant of ['refresh_token', 'client_credentials', 'urn:ietf:params:oauth:grant-type:device_code']) {
  assert.ok(as.grant_types_supported.includes(grant), grant)
}
assert.ok(as.token_endpoint_auth_methods_supported.includes('private_key_jwt'))
assert.ok(as.dpop_signing_alg_values_supported.includes('ES256'))
done('discovery')

const person = new Somebody({ client_id: 'nahraum-app' }, await keyPair())
const session = await json(await person.post('/v1/sessions/staff', { login, password }), 201)
person.token = session.access_token
assert.equal(session.token_type, 'DPoP')
done('a person signs in with a key of the library')

// Pairing: the agent has a key for its assertions and one for its proofs.
const [key, proofs] = [await keyPair(), await keyPair()]
const unpaired = { client_id: 'nahraum-agent' }
const unpairedProofs = oauth.DPoP(unpaired, proofs)
const wish = { client_name: 'oauth4webapi', jwk: JSON.stringify(await publicJwk(key.publicKey)) }
const codes = await oauth
  .deviceAuthorizationRequest(as, unpaired, oauth.None(), wish, insecure)
  .then((answer) => oauth.processDeviceAuthorizationResponse(as, unpaired, answer))
const poll = () =>
  oauth
    .deviceCodeGrantRequest(as, unpaired, oauth.None(), codes.device_code, { DPoP: unpairedProofs, ...insecure })
    .then((answer) => oauth.processDeviceCodeResponse(as, unpaired, answer))
assert.equal(await refusal(poll()), 'authorization_pending')
assert.equal(await refusal(poll()), 'slow_down')
const asks = await json(await person.ask('GET', `/v1/practice/pairings/${codes.user_code}`), 200)
assert.equal(asks.key_fingerprint, codes.key_fingerprint)
await json(await person.ask('POST', `/v1/practice/pairings/${codes.user_code}/approve`), 201)
await new Promise((later) => setTimeout(later, (codes.interval + 5) * 1000))
const first = await poll()
assert.equal(first.token_type, 'dpop')
assert.equal(first.client_id, codes.client_id)
assert.equal(await refusal(poll()), 'invalid_grant')
done('pairing by a code')

// client_credentials, once with the right clock and once with proofs that are a day off: the server gives a nonce then.
const client = { client_id: first.client_id }
const machine = new Somebody(client, proofs)
const late = new Somebody({ ...client, [oauth.clockSkew]: -DAY }, proofs)
const signIn = (dpop) => () =>
  oauth.clientCredentialsGrantRequest(as, client, oauth.PrivateKeyJwt(key.privateKey), { scope: 'findings:write' }, {
    DPoP: dpop,
    ...insecure,
  })
const process_ = (answer) => oauth.processClientCredentialsResponse(as, client, answer)
const [tokens, asked] = await withNonce(signIn(machine.dpop), process_)
assert.deepEqual([tokens.token_type, tokens.expires_in, tokens.scope, asked], ['dpop', 600, 'findings:write', false])
const [, askedLate] = await withNonce(signIn(late.dpop), process_)
assert.equal(askedLate, true)
machine.token = tokens.access_token
done('client_credentials with private_key_jwt and DPoP, with and without a nonce')

const stranger = await keyPair()
const foreign = oauth.clientCredentialsGrantRequest(as, client, oauth.PrivateKeyJwt(stranger.privateKey), {}, {
  DPoP: machine.dpop,
  ...insecure,
})
assert.equal(await refusal(foreign.then(process_)), 'invalid_client')
done('another key is refused')

// A resident, so that the finding reaches somebody.
const reference = `P-${randomUUID()}`
const patient = { patient_reference: reference, birth_date: BIRTH_DATE }
const slip = await json(await person.ask('POST', '/v1/practice/invitations', patient), 201)
const text = await json(await fetch(new URL('/v1/consent-texts/base?lang=de', url)), 200)
const app = { client_id: 'nahraum-app', [oauth.clockSkew]: DAY }
const phone = new Somebody(app, await keyPair())
const activation = {
  code: slip.manual_code,
  birth_date: BIRTH_DATE,
  pin: PIN,
  language: 'de',
  consent: { purpose: 'base', version: text.version, lang: text.lang, sha256: text.sha256 },
}
const told = await phone.post('/v1/activations', activation)
assert.equal(told.status, 401)
assert.match(told.headers.get('www-authenticate'), /use_dpop_nonce/)
phone.dpop.cacheNonce(told, new URL(url))
const account = await json(await phone.post('/v1/activations', activation), 201)
phone.token = account.session.access_token
done('a resident activates with a key of the library, with a clock that is a day off')

const observation = {
  resourceType: 'Observation',
  id: 'o',
  status: 'final',
  subject: { reference: '#p' },
  code: { coding: [{ system: 'http://loinc.org', code: '2160-0' }], text: 'Kreatinin' },
  valueQuantity: { value: 1.1, unit: 'mg/dl', system: 'http://unitsofmeasure.org', code: 'mg/dL' },
}
const report = {
  resourceType: 'DiagnosticReport',
  status: 'final',
  contained: [
    { resourceType: 'Patient', id: 'p', identifier: [{ value: reference }], birthDate: BIRTH_DATE },
    observation,
  ],
  code: { text: 'Laborbefund' },
  category: [{ coding: [{ system: 'http://dvmd.de/fhir/CodeSystem/kdl', code: 'LB120107' }] }],
  subject: { reference: '#p' },
  result: [{ reference: '#o' }],
  effectiveDateTime: '2026-11-20',
}
const headers = new Headers({ 'content-type': 'application/fhir+json', 'idempotency-key': randomUUID() })
const uploaded = await oauth.protectedResourceRequest(
  machine.token,
  'POST',
  new URL('/v1/practice/findings', url),
  headers,
  JSON.stringify(report),
  { DPoP: machine.dpop, ...insecure },
)
const receipt = await json(uploaded, 201)
assert.equal(receipt.documents[0].state, 'delivered')
assert.equal((await json(await machine.ask('GET', `/v1/practice/findings/${receipt.documents[0].id}`), 200)).state, 'delivered')
assert.equal((await machine.ask('GET', '/v1/practice/inbox')).status, 403)
done('an upload with a proof, and nothing else')

const findings = await json(await phone.ask('GET', '/v1/findings'), 200)
assert.equal(findings.items.length, 1)
const refresh = (token) => () => oauth.refreshTokenGrantRequest(as, app, oauth.None(), token, { DPoP: phone.dpop, ...insecure })
const processRefresh = (answer) => oauth.processRefreshTokenResponse(as, app, answer)
const [next] = await withNonce(refresh(account.session.refresh_token), processRefresh)
assert.notEqual(next.refresh_token, account.session.refresh_token)
phone.token = next.access_token
await json(await phone.ask('GET', '/v1/me'), 200)
// The token that was exchanged is used up: showing it again ends the session.
assert.equal(await refusal(withNonce(refresh(account.session.refresh_token), processRefresh)), 'invalid_grant')
done("a resident's session goes on by refresh, and ends by a replay")

await oauth
  .revocationRequest(as, client, oauth.PrivateKeyJwt(key.privateKey), machine.token, insecure)
  .then(oauth.processRevocationResponse)
const over = await machine.ask('GET', '/v1/practice/findings').catch((error) => error)
assert.ok(over instanceof oauth.WWWAuthenticateChallengeError && over.status === 401, String(over))
done('revocation')

machine.token = (await withNonce(signIn(machine.dpop), process_))[0].access_token
await json(await person.ask('DELETE', `/v1/practice/software/${client.client_id}`), 204)
const gone = await machine.ask('GET', '/v1/practice/findings').catch((error) => error)
assert.ok(gone instanceof oauth.WWWAuthenticateChallengeError && gone.status === 401, String(gone))
assert.equal(await refusal(withNonce(signIn(machine.dpop), process_)), 'invalid_client')
done('software that was taken away is out with its next request')
