import assert from 'node:assert/strict'
import type { TestApp, TestUser } from './test-app.ts'

export type Hash = Readonly<Record<string, unknown>>

/** Makes objects of a class, of a new user unless one is given. @returns their ids, in order */
export async function makeObjects(
  app: TestApp,
  classname: string,
  all: readonly Hash[],
  as?: TestUser,
): Promise<string[]> {
  const owner = as ?? (await app.user())
  const ids: string[] = []
  for (const fields of all) {
    const { body } = await app.post(`objects/${classname}/create`, { fields }, owner)
    assert.equal(body.meta.code, 200, body.meta.message)
    ids.push(body.response[classname][0].id)
  }
  return ids
}

/** The names of the objects found, in the order of the answer. */
export async function namesFound(app: TestApp, classname: string, query: Hash): Promise<string> {
  const { status, body } = await app.get(`objects/${classname}/query`, { limit: 100, ...query })
  assert.equal(status, 200, `${JSON.stringify(query)}: ${body.meta.message}`)
  return body.response[classname].map((one: { name: string }) => one.name).join(' ')
}

/** Why a query is refused. */
export async function refusalOf(app: TestApp, classname: string, query: Hash): Promise<string> {
  const { status, body } = await app.get(`objects/${classname}/query`, query)
  assert.equal(status, 400, JSON.stringify(query))
  assert.equal(body.response, undefined)
  return body.meta.message ?? ''
}
