// Shows that a browser's own authenticator gets along with our pages: a person enrols with two passkeys and a password, and
// signs in for a client. What must not work does not: a passkey that has not verified its user, and the same one twice.
// `.ci/passkey` starts the server and runs this.
//
//   NAHRAUM_URL, CLIENT_URL, ENROLMENT_SECRET   the server, where its codes may go, and a person's one-time secret
//   CHROMIUM, BROWSER_FOLDER                    the browser, and an empty folder for it
//   PASSKEY_PICTURES                            a folder for pictures of the pages, if they are wanted

import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import * as oauth from 'oauth4webapi'
import { chromium } from 'playwright-core'

const { NAHRAUM_URL: url, CLIENT_URL: callback, ENROLMENT_SECRET: secret, PASSKEY_PICTURES: pictures } = process.env
const PASSWORD = 'vier kleine Boote im Hafen'
const SIZES = { phone: { width: 360, height: 740 }, desk: { width: 1280, height: 800 } }
const ENROLLED = /^Ihr Zugang ist eingerichtet/
const REFUSED_BY_BROWSER = /^Der Passkey wurde nicht bestätigt/

const done = (what) => console.log(`ok  ${what}`)

const browser = await chromium.launchPersistentContext(process.env.BROWSER_FOLDER, {
  executablePath: process.env.CHROMIUM,
  headless: true,
  locale: 'de-DE',
  viewport: SIZES.desk,
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
})

// The client is not there; what it would be told stands in the address.
await browser.route(`${callback}**`, (route) => route.fulfill({ contentType: 'text/plain', body: 'the client' }))

const page = await browser.newPage()
const complaints = []
page.on('pageerror', (error) => complaints.push(String(error)))
page.on('console', (message) => {
  // A refusal of the server is one of the things tried here; the browser writes it down as an error.
  const refused = message.text().startsWith('Failed to load resource: the server responded with a status of 4')
  if (message.type() === 'error' && !refused) complaints.push(message.text())
})

const authenticators = await browser.newCDPSession(page)
await authenticators.send('WebAuthn.enable')

/** Plugs an authenticator in; gives its name. */
async function plugIn(transport, recognisesPeople = true) {
  const options = {
    protocol: 'ctap2',
    transport,
    hasResidentKey: recognisesPeople,
    hasUserVerification: recognisesPeople,
    isUserVerified: recognisesPeople,
    automaticPresenceSimulation: true,
  }
  return (await authenticators.send('WebAuthn.addVirtualAuthenticator', { options })).authenticatorId
}

/** Whether the authenticator recognises its owner from now on. */
const recognises = (authenticatorId, isUserVerified) =>
  authenticators.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified })

/** Who holds the authenticator in their hand: the others do not answer. */
async function inHand(chosen, all) {
  for (const authenticatorId of all) {
    const enabled = authenticatorId === chosen
    await authenticators.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled })
  }
}

const told = page.locator('#told')

/** Waits until the page says this. What it says instead is told. */
async function says(expected) {
  const said = told.filter({ hasText: expected }).waitFor({ timeout: 15_000 })
  await said.catch(async () => assert.fail(`the page says "${await told.textContent()}", and not ${expected}`))
}

/** Changes what the server asks of the browser, on its way to the page. */
async function asking(path, change, work) {
  const changed = async (route) => {
    const answer = await route.fetch()
    await route.fulfill({ response: answer, json: change(await answer.json()) })
  }
  await page.route(`${url}${path}`, changed)
  await work()
  await page.unroute(`${url}${path}`, changed)
}

/** Options as of a server that does not know that authenticators can keep a passkey from whoever is not verified. */
function unprotected(options) {
  const { publicKey } = JSON.parse(options)
  assert.equal(publicKey.extensions.credentialProtectionPolicy, 'userVerificationRequired')
  delete publicKey.extensions.credentialProtectionPolicy
  delete publicKey.extensions.enforceCredentialProtectionPolicy
  return JSON.stringify({ publicKey })
}

/** Options as of a server that does not want its user verified. */
function unverified(options) {
  const { publicKey } = JSON.parse(options)
  const wish = publicKey.authenticatorSelection ?? publicKey
  assert.equal(wish.userVerification, 'required')
  wish.userVerification = 'discouraged'
  return JSON.stringify({ publicKey })
}

const enrolling = (change) => (body) => ({ ...body, passkey: { ...body.passkey, options: change(body.passkey.options) } })
const signingIn = (change) => (body) => ({ ...body, options: change(body.options) })

/** A picture in each size, if they are wanted; and nothing is cut off at the side. */
async function picture(name) {
  for (const [size, viewport] of Object.entries(SIZES)) {
    await page.setViewportSize(viewport)
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
    assert.ok(wider <= 0, `${name} is wider than a ${size}`)
    for (const colorScheme of pictures ? ['light', 'dark'] : []) {
      await mkdir(pictures, { recursive: true })
      await page.emulateMedia({ colorScheme })
      await page.screenshot({ path: join(pictures, `${name}-${size}-${colorScheme}.png`), fullPage: true })
    }
  }
  await page.emulateMedia({ colorScheme: null })
  await page.setViewportSize(SIZES.desk)
}

// Enrolling.
await page.goto(`${url}/enrol#${secret}`)
assert.equal(new URL(page.url()).hash, '', 'the secret is in the address no longer')
assert.equal(await page.locator('#secret').inputValue(), secret)
await picture('enrol')
const add = page.getByRole('button', { name: 'Passkey hinzufügen' })
const finish = page.getByRole('button', { name: 'Fertig' })
assert.ok(await finish.isDisabled())

const asleep = await plugIn('internal')
await recognises(asleep, false)
await add.click()
await says(REFUSED_BY_BROWSER)
assert.ok(await finish.isDisabled())
await authenticators.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId: asleep })
done('a browser makes no passkey whose user is not verified')

const stick = await plugIn('usb', false)
await page.getByLabel('Passwort').fill(PASSWORD)
await asking('/v1/enrolments/begin', enrolling((options) => unverified(unprotected(options))), async () => {
  await add.click()
  await says(/^Der erste Passkey/)
})
const [answer] = await Promise.all([
  page.waitForResponse((answer) => answer.url() === `${url}/v1/enrolments`),
  finish.click(),
])
assert.equal(answer.status(), 422)
await says(/^Dieser Passkey geht hier nicht/)
assert.ok(await finish.isDisabled(), 'what was refused is not sent again')
await picture('enrol-refused')
done('the server takes no passkey whose user was not verified')

await authenticators.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId: stick })
const phone = await plugIn('internal')
await page.getByLabel('Name des Passkeys').fill('Telefon')
await add.click()
await says(/^Der erste Passkey/)
assert.equal(await page.getByLabel('Anmeldename').inputValue(), 'anmeldung')
const ring = await plugIn('usb')
await inHand(ring, [phone, ring])
await asking('/v1/enrolments/begin', enrolling(unprotected), async () => {
  await add.click()
  await says(/^Zwei Passkeys/)
})
await picture('enrol-two')
await finish.click()
await says(ENROLLED)
await picture('enrol-done')
done('a person enrols with two passkeys and a password')

// Signing in, for a client that is a library of others.
const insecure = { [oauth.allowInsecureRequests]: true }
const client = { client_id: 'nahraum-staff' }
const issuer = new URL(url)
const as = await oauth
  .discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure })
  .then((answer) => oauth.processDiscoveryResponse(issuer, answer))
const keys = await oauth.generateKeyPair('ES256')

/** Begins an authorization; gives what only the client knows. */
async function ask() {
  const [verifier, state] = [oauth.generateRandomCodeVerifier(), oauth.generateRandomState()]
  const address = new URL(as.authorization_endpoint)
  for (const [name, value] of Object.entries({
    response_type: 'code',
    redirect_uri: callback,
    state,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    login_hint: 'anmeldung',
    ...client,
  })) {
    address.searchParams.set(name, value)
  }
  await page.goto(address.href)
  return { verifier, state }
}

const signIn = page.getByRole('button', { name: 'Anmelden' })

/** Whether the passkey's answer in a request says that its user was verified (WebAuthn, 6.1: bit 2 of the flags). */
function isVerified(request) {
  const { response } = JSON.parse(request.postDataJSON().passkey.answer)
  return (Buffer.from(response.authenticatorData, 'base64url')[32] & 4) !== 0
}

/** Sends the form; gives the status of the server's answer, and whether the passkey has verified its user. */
async function send() {
  const [answer] = await Promise.all([
    page.waitForResponse((answer) => answer.request().method() === 'POST' && answer.url().endsWith('/oauth/authorize')),
    signIn.click(),
  ])
  return [answer.status(), isVerified(answer.request())]
}

const { verifier, state } = await ask()
assert.equal(await page.getByLabel('Anmeldename').inputValue(), 'anmeldung')
await picture('sign-in')
await page.getByLabel('Passwort').fill(PASSWORD)

await inHand(phone, [phone, ring])
await recognises(phone, false)
await signIn.click()
await says(REFUSED_BY_BROWSER)
await picture('sign-in-cancelled')
done('a browser shows no passkey whose user is not verified')

await inHand(ring, [phone, ring])
await recognises(ring, false)
const lax = signingIn(unverified)
await asking('/v1/sessions/staff/begin', lax, async () => assert.deepEqual(await send(), [401, false]))
await picture('sign-in-refused')
done('the server takes no answer of a passkey whose user was not verified')

await recognises(ring, true)
await page.getByLabel('Passwort').fill(`${PASSWORD}!`)
assert.deepEqual(await send(), [401, true])
done('a passkey without the right password opens nothing')

await inHand(phone, [phone, ring])
await recognises(phone, true)
await new Promise((later) => setTimeout(later, 1_500))
await page.getByLabel('Passwort').fill(PASSWORD)
await signIn.click()
await page.waitForURL(`${callback}**`)
const answered = oauth.validateAuthResponse(as, client, new URL(page.url()), state)
const dpop = oauth.DPoP(client, keys)
const tokens = await oauth
  .authorizationCodeGrantRequest(as, client, oauth.None(), answered, callback, verifier, { DPoP: dpop, ...insecure })
  .then((answer) => oauth.processAuthorizationCodeResponse(as, client, answer))
const target = new URL('/v1/staff/factors', url)
const mine = await oauth.protectedResourceRequest(tokens.access_token, 'GET', target, undefined, undefined, {
  DPoP: dpop,
  ...insecure,
})
const factors = await mine.json()
assert.equal(factors.login, 'anmeldung')
assert.deepEqual(factors.passkeys.map((passkey) => passkey.label).sort(), ['Passkey 2', 'Telefon'])
done('a person signs in for a client, and the client gets its tokens')

const again = await ask()
await page.getByLabel('Passwort').fill(PASSWORD)
await inHand(ring, [phone, ring])
await signIn.click()
await page.waitForURL(`${callback}**`)
oauth.validateAuthResponse(as, client, new URL(page.url()), again.state)
done('the second passkey opens as well')

assert.deepEqual(complaints, [], 'neither page does what its policy forbids')
await browser.close()
