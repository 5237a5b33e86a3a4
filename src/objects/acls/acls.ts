import { defineObject } from '../../engine/definition.ts'
import { aclNameClaim } from '../../engine/fill.ts'
import { required, text } from '../../engine/params.ts'

/** Who may read and who may write the objects that carry it. */
export const acls = defineObject({
  name: 'acl',
  title: 'Acl',
  collection: 'acls',
  idParam: 'id',
  description: 'A list of who may read and who may write the objects that carry it.',
  methods: { count: 'aclsCount' },
  fields: { name: required(text({ max: 255 })) },
  computed: {
    public_read: { type: 'boolean' },
    public_write: { type: 'boolean' },
    readers: { type: 'array', items: { type: 'string' } },
    writers: { type: 'array', items: { type: 'string' } },
  },
  hiddenKeys: ({ hidden }) => ({ readers: hidden.readers, writers: hidden.writers }),
  claims: ({ ownerId, data }) => [
    {
      ...aclNameClaim(ownerId ?? '', String(data.name)),
      taken: 'Failed to create acl: Validation failed - Name is already taken.',
    },
  ],
})
