// An app of a few lines, typed by nothing but the contract: signs a demo resident in, keeps what they see, loads a document in two
// parts, and follows what changes. `.ci/clients` makes `made/schema.ts` from the contract, starts the demo and runs this.
//
//   NAHRAUM_URL   the demo

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import createClient from 'openapi-fetch'
import type { components, paths } from './made/schema.js'

type Finding = components['schemas']['Finding']
type SyncPage = components['schemas']['SyncPage']
type Problem = components['schemas']['Problem']

const url = process.env['NAHRAUM_URL']
assert.ok(url, 'NAHRAUM_URL')
const done = (what: string) => console.log(`ok  TypeScript: ${what}`)

/** The answer, or the problem as an error. */
function good<T>(answer: { data?: T, error?: Problem, response: Response }): T {
  if (answer.data === undefined) throw new Error(`${answer.response.status} ${answer.error?.code}: ${answer.error?.title}`)
  return answer.data
}

const anyone = createClient<paths>({ baseUrl: url })
const server = good(await anyone.GET('/v1/server'))
assert.ok(server.demo && server.api_versions.some((version) => version.version === 'v1'))
const session = good(await anyone.POST('/v1/sessions/resident', {
  body: { device_secret: 'de30babade30babade30babade300010', pin: '573068' },
}))
const api = createClient<paths>({
  baseUrl: url,
  headers: { authorization: `Bearer ${session.access_token}`, 'accept-language': 'en' },
})
done('signed in')

const listed: string[] = []
for (let cursor: string | undefined; ;) {
  const page = good(await api.GET('/v1/findings', { params: { query: cursor ? { limit: 3, cursor } : { limit: 3 } } }))
  listed.push(...page.items.map((item) => item.id))
  cursor = page.next_cursor
  if (!cursor) break
}
assert.ok(listed.length > 3 && new Set(listed).size === listed.length)
done(`${listed.length} findings, page by page`)

/** What the app keeps: a thing for each type and id. */
const kept = new Map<string, object>()
let next: string | undefined
const apply = (page: SyncPage) => {
  for (const change of page.changes) {
    const key = `${change.type} ${change.id}`
    if (change.op === 'delete') kept.delete(key)
    else if (change.op === 'upsert') kept.set(key, change)
  }
  next = page.next
}
async function sync(): Promise<number> {
  for (let count = 0; ;) {
    const page = good(await api.GET('/v1/sync', { params: { query: next ? { limit: 50, since: next } : { limit: 50 } } }))
    apply(page)
    count += page.changes.length
    if (!page.has_more) return count
  }
}
await sync()
const findings = [...kept.keys()].filter((key) => key.startsWith('finding ') || key.startsWith('recall '))
assert.deepEqual(findings.map((key) => key.split(' ')[1]).sort(), [...listed].sort())
done('the app keeps what the list shows')

const withDocument = (await Promise.all(listed.map(async (id): Promise<Finding> =>
  good(await api.GET('/v1/findings/{id}', { params: { path: { id } } })))))
  .find((finding) => finding.document && finding.document.size > 1000)
assert.ok(withDocument?.document)
const path = { id: withDocument.summary.id }
const part = async (range: string) => {
  const answer = await api.GET('/v1/findings/{id}/content', {
    params: { path, header: { Range: range } }, headers: { range }, parseAs: 'arrayBuffer',
  })
  assert.equal(answer.response.status, 206)
  return Buffer.from(answer.data as unknown as ArrayBuffer)
}
const document = Buffer.concat([await part('bytes=0-999'), await part('bytes=1000-')])
assert.equal(createHash('sha256').update(document).digest('hex'), withDocument.document.sha256)
done('a document that was loaded in two parts is whole')

const question = good(await api.POST('/v1/questions', { body: { said: 'Why?' } }))
assert.equal(await sync(), 1)
assert.ok(kept.has(`question ${question.id}`))
const removed = await api.DELETE('/v1/questions/{id}', { params: { path: { id: question.id } } })
assert.equal(removed.response.status, 204)
assert.equal(await sync(), 1)
assert.ok(!kept.has(`question ${question.id}`))
assert.equal(await sync(), 0)
done('what is new comes, and what is gone goes')

const nothing = await api.GET('/v1/findings/{id}', { params: { path: { id: '019343f2-7d6a-7c3e-9d5b-3a2f1c0b9aff' } } })
assert.equal(nothing.error?.code, 'not-found')
assert.ok(nothing.error.request_id)
done('a problem says its code')
