import { defineMethod } from '../../engine/definition.ts'
import { shownPushCredentials, unconfigured } from './credentials.ts'

/** The original had no browsers. They need the key before they can subscribe to anything. */
export const showWebPushKey = defineMethod({
  name: 'showWebPushKey',
  group: 'PushNotification',
  verb: 'GET',
  path: 'push_notification/web_push_key',
  auth: 'none',
  summary: 'Tells the key with which browsers subscribe, as their `applicationServerKey`.',
  params: {},
  returns: { key: 'web_push', schema: 'WebPushKey', single: true },
  async run({ context, backend }) {
    const facts = await shownPushCredentials(context, backend.id)
    const web = facts.find(({ service }) => service === 'web')
    if (!web) throw unconfigured()
    return { response: { web_push: { public_key: web.publicKey } } }
  },
})
