import type { PushCredentials } from './credentials.ts'

/** Whose servers reach a device: Apple's, Google's, or those of a browser's maker. */
export type PushService = 'apns' | 'fcm' | 'web'

/** One notification to one device. */
export type PushMessage = {
  /** The same each time it is tried, so that services can drop or replace a second one. */
  readonly notificationId: string
  /** As the device got it from its service; for browsers the JSON text of a PushSubscription. */
  readonly token: string
  /** JSON text of what the device gets. */
  readonly body: string
  /** Nothing is to be shown or heard: the service may take its time. */
  readonly isSilent: boolean
  /** Milliseconds since 1970; `null`: as long as the service keeps it. */
  readonly expiresAt: number | null
}

/** What a failure is about: this one device, or everything that goes to the service now. */
type Scope = 'device' | 'service'

export type PushFailure = {
  /** The number that push logs always gave it: 2001 to 2010 for APNs, from 3001 on for FCM. */
  readonly code: number | null
  readonly reason: string
}

export type PushOutcome =
  /** The service has taken it. */
  | { readonly kind: 'sent' }
  /** The device is not there any more; `since` (milliseconds) if the service tells. */
  | ({ readonly kind: 'gone'; readonly since: number | null } & PushFailure)
  /** Sending it again would be no use. */
  | ({ readonly kind: 'refused'; readonly scope: Scope } & PushFailure)
  /** To be tried again, not before `afterMs` when the service says so. */
  | ({
      readonly kind: 'later'
      readonly scope: Scope
      readonly afterMs: number | null
    } & PushFailure)

export interface PushSender {
  /** Tells every failure as an outcome; never rejects. */
  send(message: PushMessage, signal: AbortSignal): Promise<PushOutcome>
  close(): void
}

export interface PushGateways {
  /** The sender for these credentials; connections and tokens are kept and shared. */
  sender(credentials: PushCredentials): Promise<PushSender>
  /** Why a browser's endpoint may not be called, or `null`: it may. */
  refusal(token: string): string | null
}
