import { after, before, it } from 'node:test'
import { picture } from '../support/pictures.ts'
import { onEachDatabase } from '../support/test-app.ts'
import { type TiWalk, walk } from '../support/ti-cloud.ts'
import { TI_PEOPLE } from '../support/ti-cloud-methods.ts'

const RETIRED = [410, /search\.json has been deprecated\. Please use \$text query/] as const
const PASSWORD = { password: 'secret', password_confirmation: 'secret' }
const photo = await picture('jpeg', 60, 40)

type Ids = readonly { readonly id: string }[]
const ids = (objects: Ids) => objects.map(({ id }) => id)

/** The methods that the module has for people, by its own namespaces. */
const WALKS: Readonly<Record<string, TiWalk>> = {
  ACLs: {
    create: {
      call: 'POST acls/create',
      data: ({ ben }) => ({ name: 'mine', reader_ids: [ben], public_write: false }),
      keep: 'acl',
    },
    checkUser: {
      call: 'GET acls/check',
      data: ({ ben }) => ({ name: 'mine', user_id: ben }),
      is: ({ permission }) => [permission, { read_permission: true, write_permission: false }],
    },
    addUser: { call: 'POST acls/add', data: ({ acl, ben }) => ({ id: acl, writer_ids: ben }) },
    update: {
      call: 'PUT acls/update',
      data: ({ acl }) => ({ id: acl, public_read: true }),
      is: ({ acls: [{ public_read, writers }] }) => [
        [public_read, writers.length],
        [true, 2],
      ],
    },
    removeUser: {
      call: 'DELETE acls/remove',
      data: ({ acl, ben }) => ({ id: acl, writer_ids: [ben] }),
    },
    show: {
      call: 'GET acls/show',
      data: ({ acl }) => ({ id: acl }),
      is: ({ acls: [{ readers, writers }] }, { ann }) => [
        [readers, writers],
        [undefined, [ann]],
      ],
    },
    remove: { call: 'DELETE acls/delete', data: () => ({ name: 'mine' }) },
  },
  Clients: {
    geolocate: {
      call: 'GET clients/geolocate',
      by: 'nobody',
      data: () => ({ ip_address: '8.8.8.8' }),
      is: ({ location }) => [location.country_code, 'US'],
    },
  },
  Friends: {
    add: { call: 'POST friends/add', data: ({ ben }) => ({ user_ids: [ben] }) },
    requests: {
      call: 'GET friends/requests',
      by: 'ben',
      is: ({ friend_requests: [{ user }] }, { ann }) => [user.id, ann],
    },
    approve: { call: 'PUT friends/approve', by: 'ben', data: ({ ann }) => ({ user_ids: ann }) },
    search: { call: 'GET friends/search', data: ({ ann }) => ({ user_id: ann }), refused: RETIRED },
    remove: { call: 'DELETE friends/remove', data: ({ ben }) => ({ user_ids: [ben] }) },
    'add ': {
      call: 'POST friends/add',
      data: ({ ben }) => ({ user_ids: ben, approval_required: false }),
    },
    'requests ': {
      call: 'GET friends/requests',
      by: 'ben',
      is: ({ friend_requests: none }) => [none, []],
    },
  },
  SocialIntegrations: {
    externalAccountLink: {
      call: 'POST users/external_account_link',
      data: ({ ann }) => ({ type: 'twitter', id: ann, token: 't' }),
    },
    externalAccountLogin: {
      call: 'POST users/external_account_login',
      by: 'nobody',
      data: ({ ann }) => ({ type: 'twitter', id: ann, token: 't' }),
      is: ({ users }, { ann }) => [ids(users), [ann]],
    },
    searchFacebookFriends: {
      call: 'GET social/facebook/search_friends',
      refused: [400, /no linked Facebook account/],
    },
    externalAccountUnlink: {
      call: 'DELETE users/external_account_unlink',
      data: ({ ann }) => ({ type: 'twitter', id: ann }),
      is: ({ users: [{ external_accounts: accounts }] }) => [accounts, []],
    },
  },
  Users: {
    create: {
      call: 'POST users/create',
      by: 'nobody',
      data: ({ ann }) => ({ username: `ti ${ann}`, email: `${ann}@x.org`, photo, ...PASSWORD }),
      keep: 'me',
    },
    showMe: {
      call: 'GET users/show/me',
      by: 'nobody',
      is: ({ users }, { me }) => [ids(users), [me]],
    },
    logout: { call: 'GET users/logout', by: 'nobody' },
    'showMe ': {
      call: 'GET users/show/me',
      by: 'nobody',
      refused: [404, /^Failed to find current_user/],
    },
    login: {
      call: 'POST users/login',
      by: 'nobody',
      data: ({ ann }) => ({ login: `${ann}@x.org`, password: 'secret' }),
      is: ({ users }, { me }) => [ids(users), [me]],
    },
    update: {
      call: 'PUT users/update',
      by: 'nobody',
      data: () => ({ first_name: 'Ti', custom_fields: { age: 31, pro: true }, photo }),
      is: ({ users: [{ custom_fields }] }) => [custom_fields, { age: 31, pro: true }],
    },
    show: {
      call: 'GET users/show',
      data: ({ ann, ben }) => ({ user_ids: [ann, ben] }),
      is: ({ users }, { ann, ben }) => [ids(users).sort(), [ann, ben].sort()],
    },
    query: {
      call: 'GET users/query',
      data: () => ({ where: { age: { $gt: 30 } }, unsel: { all: ['created_at'] } }),
      is: ({ users }, { me }) => [ids(users), [me]],
    },
    search: { call: 'GET users/search', data: () => ({ q: 'Ti' }), refused: RETIRED },
    requestResetPassword: {
      call: 'GET users/request_reset_password',
      by: 'nobody',
      data: ({ ann }) => ({ email: `${ann}@x.org` }),
    },
    resendConfirmation: {
      call: 'GET users/resend_confirmation',
      by: 'nobody',
      data: ({ ann }) => ({ email: `${ann}@x.org` }),
    },
    remove: { call: 'DELETE users/delete', by: 'nobody' },
    'show ': {
      call: 'GET users/show',
      data: ({ me }) => ({ user_id: me }),
      refused: [400, /^Invalid user id$/],
    },
  },
}

onEachDatabase('the Titanium module, about people', (app) => {
  before(() => app().set({ mailTestMode: true, trustedAccountTypes: ['twitter'] }))
  after(() => app().settle())

  for (const [namespace, methods] of Object.entries(TI_PEOPLE)) {
    it(`gets the right answer to each call of ${namespace}`, () =>
      walk(app(), methods, WALKS[namespace]))
  }
})
