import assert from 'node:assert/strict'
import type { Change } from '../../../src/storage/port.ts'
import type { Answer, Body, TestUser } from '../test-app.ts'
import { callOf, type Named, type Thing, type Values } from './calls.ts'
import type { Made } from './makers.ts'
import { methodAt } from './methods.ts'
import type { Caller, Scene, State } from './scene.ts'

/**
 * What comes of a call. `yes`: it does what it is for. `own`: it goes through, but is about the
 * caller's own and leaves the object alone, or does not show it. All others are refusals, by a name
 * or as they stand: `410 gone`.
 */
export type Outcome = 'yes' | 'own' | Refusal | `${number} ${string}`

const REFUSALS = {
  /** No session. */
  login: [401, 'You need to sign in or sign up before continuing.'],
  /** A session of another backend. */
  stale: [404, 'Failed to find current_user'],
  /** An ACL says no, or it is another user's. */
  denied: [401, 'You are not authorized to access this object.'],
  /** Neither the owner nor an administrator, and no ACL that could say yes; it names the object. */
  foreign: [400, ''],
  /** Not an administrator, or `su_id` of somebody who is none. */
  pretender: [403, 'You are not authorized to perform this action.'],
  /** As if there were no such object; the row says in which words. */
  unknown: [400, ''],
} as const
export type Refusal = keyof typeof REFUSALS

/** A method, an object that it is called about, and what comes of it for each of the callers. */
export type Row = {
  readonly path: string
  /** Where the path means something else by another verb. */
  readonly verb?: 'GET' | 'DELETE'
  /** What is made for it; absent: what the scene has. */
  readonly of?: Thing
  readonly state?: State
  /** Where they are not those that the method usually is called with. */
  readonly values?: (of: Named) => Values
  /** In place of the callers of the whole table. */
  readonly callers?: readonly Caller[]
  /** For each of the callers one. */
  readonly outcomes: readonly Outcome[]
  /**
   * How one sees that it did what it is for: it shows the object, changes it, removes it, or makes
   * a record of this type that belongs to who calls or is acted for. Default: by the verb.
   */
  readonly effect?: 'shows' | 'changes' | 'removes' | 'answers' | { readonly makes: string }
  /** What is not the caller's is told so. */
  readonly unknown?: string
  /** What tells, in a reply, that the object is shown; default: its id. */
  readonly shownBy?: 'id' | 'name' | 'mark'
  /** Puts something into the object. */
  readonly prepare?: (scene: Scene, made: Made) => Promise<unknown>
}

type Effect = NonNullable<Row['effect']>

const BY_VERB = { GET: 'shows', PUT: 'changes', POST: 'changes', DELETE: 'removes' } as const

/** A caller, and the object that he calls about. */
type Cell = {
  readonly caller: Caller
  readonly as: TestUser | null
  readonly suId: string | undefined
  readonly made: Made | null
  /** Whose the object was before the call. */
  readonly ownerId: string | null | undefined
}

/** Calls the method as each of the callers, and holds outcomes and all that changes to the row. */
export async function runRow(scene: Scene, row: Row, ofTable: readonly Caller[]): Promise<void> {
  const callers = row.callers ?? ofTable
  assert.equal(row.outcomes.length, callers.length, 'an outcome for each caller')
  const effect = row.effect ?? BY_VERB[methodAt(row.path).verb]
  const shared = await makeFor(scene, row)
  const found: Record<string, string> = {}
  /** Those of the callers for whom one of these is expected, all at once. */
  const run = async (outcomes: (outcome: Outcome) => boolean, isFresh = false) => {
    const chosen = callers.filter((_, i) => outcomes(row.outcomes[i] ?? 'yes'))
    const cells = await Promise.all(
      chosen.map(async (caller) =>
        cellOf(scene, caller, isFresh ? await makeFor(scene, row) : shared),
      ),
    )
    await scene.changes()
    const answers = await Promise.all(cells.map((cell) => call(scene, row, cell)))
    for (const [i, answer] of answers.entries())
      found[chosen[i] ?? ''] = outcomeOf(row, shared, answer)
    return { cells, answers, changes: await scene.changes() }
  }

  const refused = await run((one) => one !== 'yes' && one !== 'own')
  const idle = await run((one) => one === 'own')
  const done = await run((one) => one === 'yes', effect !== 'shows')
  const expected = callers.map((caller, i) => [
    caller,
    row.outcomes[i] === 'own' ? 'yes' : row.outcomes[i],
  ])
  assert.deepEqual(found, Object.fromEntries(expected))
  assert.deepEqual(refused.changes, [], 'a refused call changes nothing')
  assertIdle(row, shared, idle)
  if (effect === 'shows') assertShown(row, shared, done.answers)
  else if (effect !== 'answers') await assertDone(scene, effect, done)
}

async function makeFor(scene: Scene, { of, state, prepare }: Row): Promise<Made | null> {
  if (of === undefined) return null
  const made = await scene.make(of, state)
  await prepare?.(scene, made)
  return made
}

async function cellOf(scene: Scene, caller: Caller, made: Made | null): Promise<Cell> {
  const ownerId = made ? await scene.ownerOf(made) : undefined
  return { caller, ...scene.cast(caller, made?.owner), made, ownerId }
}

function call(scene: Scene, row: Row, { as, suId, made }: Cell): Promise<Answer> {
  const usual = row.values ?? callOf(row.path)
  const values = (of: Named) => ({ ...usual(of), ...(suId ? { su_id: suId } : {}) })
  // What is looked for has the name that it was made with; what is written gets a new one.
  const isRead = methodAt(row.path).verb === 'GET'
  const things = {
    ...(row.of && made ? { [row.of]: made.name } : {}),
    ...(made && isRead ? { mark: made.mark } : {}),
  }
  return scene.send(row.path, as, { values, things, ...(row.verb ? { verb: row.verb } : {}) })
}

/** The name of what came of a call, or the answer itself when it is none of those. */
function outcomeOf(row: Row, made: Made | null, { status, body: { meta } }: Answer): string {
  if (status === 200) return 'yes'
  const verb = row.path.endsWith('/delete') ? 'delete' : 'update'
  const kind = made?.type.replace('custom:', '')
  const texts = { foreign: `Current user cannot ${verb} this ${kind}`, unknown: row.unknown }
  const isIt = ([name, [code, text]]: readonly [string, (typeof REFUSALS)[Refusal]]) =>
    code === status && meta.message === (text || texts[name as keyof typeof texts])
  return Object.entries(REFUSALS).find(isIt)?.[0] ?? `${status} ${meta.message}`
}

type Run = {
  readonly cells: readonly Cell[]
  readonly answers: readonly Answer[]
  readonly changes: readonly Change[]
}

/** The object is neither changed nor shown. */
function assertIdle(row: Row, made: Made | null, { answers, changes }: Run): void {
  if (!made) return
  assert.deepEqual(
    changes.filter(({ id }) => id === made.id),
    [],
  )
  for (const { body } of answers) assert.equal(shows(row, made, body), false)
}

function assertShown(row: Row, made: Made | null, answers: readonly Answer[]): void {
  for (const { body } of answers) assert.ok(made && shows(row, made, body), JSON.stringify(body))
}

function shows({ shownBy = 'id' }: Row, made: Made, body: Body): boolean {
  return JSON.stringify(body.response ?? {}).includes(`"${made[shownBy]}"`)
}

/** Each object has been changed and is still its owner's, or is gone, or is a new one's cause. */
async function assertDone(scene: Scene, effect: Effect, { cells, changes }: Run): Promise<void> {
  if (typeof effect === 'object') {
    const made = changes.filter((one) => one.operation === 'insert' && one.type === effect.makes)
    const owners = await Promise.all(made.map((one) => scene.ownerOf(one)))
    const actors = cells.map(({ as, suId }) => suId ?? as?.id)
    // Others may get copies.
    const acting = owners.filter((one) => actors.includes(one ?? undefined))
    assert.deepEqual(acting.sort(), actors.sort(), `who owns the new ${effect.makes}`)
    return
  }
  for (const { caller, made, ownerId } of cells) {
    assert.ok(made, 'there is something to change')
    const own = changes.filter(({ type, id }) => type === made.type && id === made.id)
    const last = own.at(-1)?.operation
    assert.equal(last, effect === 'removes' ? 'delete' : 'replace', `for ${caller}`)
    const after = await scene.ownerOf(made)
    assert.equal(after, effect === 'removes' ? undefined : ownerId)
  }
}
