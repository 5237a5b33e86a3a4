import assert from 'node:assert/strict'
import { it } from 'node:test'
import { ApiError } from '../../errors.ts'
import { type AssetAction, outcomeOf, stateOf } from './lifecycle.ts'

const DRAFT = { published: false, inTrash: false }
const PUBLISHED = { published: true, inTrash: false }
const TRASHED = { published: true, inTrash: true }

/** What becomes of a draft, a published and a trashed asset; `-` is a refusal. */
const OUTCOMES: Readonly<Record<AssetAction, string>> = {
  edit: 'stays - -',
  associate: 'stays - -',
  publish: 'published - -',
  deactivate: 'stays stays -',
  activate: 'stays stays -',
  changeKeys: 'stays stays -',
  configure: 'stays stays -',
  copyToVersion: 'stays stays -',
  reroute: '- stays -',
  trash: 'trashed trashed -',
  untrash: '- - restored',
  purge: '- - gone',
}

for (const [action, expected] of Object.entries(OUTCOMES)) {
  it(`allows ${action} where it makes sense`, () => {
    const outcomes = [DRAFT, PUBLISHED, TRASHED].map((flags) => {
      try {
        return outcomeOf({ name: 'a', version: '1.0', ...flags }, action as AssetAction)
      } catch (error) {
        assert.ok(error instanceof ApiError && error.code === 'asset_frozen')
        return '-'
      }
    })
    assert.equal(outcomes.join(' '), expected)
  })
}

it('takes a published asset in the trash as trashed', () => {
  assert.equal(stateOf(TRASHED), 'trashed')
})
