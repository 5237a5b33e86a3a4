import { backendOf, clientIdClaim, INSTANCE } from '../../engine/backend.ts'
import type { Store } from '../../storage/port.ts'
import { OAuthRefusal } from './oauth-refusal.ts'
import { findTeamClient } from './team-client.ts'

/** Who asks for a token: the team's client, or a mobile backend by its own keys. */
export type OAuthClient =
  | { readonly kind: 'team' }
  | { readonly kind: 'backend'; readonly backendId: string; readonly clientId: string }

export type Form = ReadonlyMap<string, string>

/** @throws {OAuthRefusal} `invalid_request` when it is absent or empty */
export function requiredField(form: Form, name: string): string {
  const value = form.get(name)
  if (!value) throw new OAuthRefusal('invalid_request', `'${name}' is required.`)
  return value
}

type Credentials = { readonly id: string; readonly secret: string }

const CLIENT_ID = /^[0-9a-f]{32}$/

/** @throws {OAuthRefusal} `invalid_client`, or `invalid_request` for two kinds of credentials */
export async function authenticateClient(
  store: Store,
  authorization: string | undefined,
  form: Form,
): Promise<OAuthClient> {
  const credentials = credentialsOf(authorization, form)
  const client = credentials && (await clientWith(store, credentials))
  if (client) return client
  throw new OAuthRefusal(
    'invalid_client',
    'Send "Authorization: Basic" with the id and the secret of the client, joined by a colon.',
  )
}

/** HTTP Basic, or the two form fields that RFC 6749 §2.3.1 allows instead. */
function credentialsOf(authorization: string | undefined, form: Form): Credentials | null {
  const [, encoded] = /^Basic +([A-Za-z0-9+/=]+) *$/i.exec(authorization ?? '') ?? []
  const secret = form.get('client_secret')
  if (encoded === undefined)
    return secret === undefined ? null : { id: form.get('client_id') ?? '', secret }
  if (secret !== undefined) {
    throw new OAuthRefusal('invalid_request', 'Send the client secret once, not in two ways.')
  }
  const text = Buffer.from(encoded, 'base64').toString()
  const colon = text.indexOf(':')
  return colon < 0 ? null : { id: text.slice(0, colon), secret: text.slice(colon + 1) }
}

async function clientWith(store: Store, { id, secret }: Credentials): Promise<OAuthClient | null> {
  if (!CLIENT_ID.test(id)) return null
  const team = await findTeamClient(store)
  if (team?.id === id) return team.secret.equals(secret) ? { kind: 'team' } : null
  const record = await store.getByClaim(INSTANCE, clientIdClaim(id))
  const backend = record && backendOf(record)
  const open = backend?.oauth && !backend.inTrash && !backend.inactive
  return open && backend.clientSecret?.equals(secret)
    ? { kind: 'backend', backendId: backend.id, clientId: id }
    : null
}
