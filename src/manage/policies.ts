import {
  listPolicies as allPolicies,
  setPolicy as putPolicy,
  readOnePolicy,
  deletePolicy as removePolicy,
} from '../tools/policies/store.ts'
import { COMMAND_ACTOR } from './backends.ts'
import { operation } from './operation.ts'

export const getPolicy = operation({ name: 'text' }, ({ tools }, { name }) =>
  readOnePolicy(tools, name),
)

export const setPolicy = operation(
  { name: 'text', value: 'text' },
  async ({ tools }, { name, value }) => {
    await putPolicy(tools, { name, value }, COMMAND_ACTOR)
    return { name, value }
  },
)

export const deletePolicy = operation({ name: 'text' }, async ({ tools }, { name }) => {
  await removePolicy(tools, name, COMMAND_ACTOR)
  return { name, deleted: true }
})

export const listPolicies = operation({}, async ({ tools }) => ({
  policies: await allPolicies(tools),
}))
