import type { JsonSchema } from '../engine/params.ts'
import { closed, schemaRef } from './document.ts'

const INTEGER: JsonSchema = { type: 'integer', minimum: 0 }
const TEXT: JsonSchema = { type: 'string' }
const TEXT_OR_NULL: JsonSchema = { type: ['string', 'null'] }
const NUMBERS: JsonSchema = {
  type: 'array',
  items: { type: 'object', additionalProperties: { type: 'integer' } },
}

const LOG_MEMBERS: Readonly<Record<string, JsonSchema>> = {
  _id: schemaRef('ObjectId'),
  app_id: TEXT,
  channel: TEXT_OR_NULL,
  locked_at: TEXT_OR_NULL,
  created_at: { type: 'string', format: 'date-time' },
  updated_at: { type: 'string', format: 'date-time' },
}

/** What the methods about pushes return, besides subscriptions and schedules. */
export const PUSH_SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  PushNotification: closed({ id: schemaRef('ObjectId'), payload: TEXT, channel: TEXT }, ['id']),
  PushDevices: closed({ ios_counts: INTEGER, android_counts: INTEGER }),
  PushCounts: closed({ ios: INTEGER, android: INTEGER }),
  WebPushKey: closed({ public_key: { ...TEXT, description: '65 bytes, base64url.' } }),
  PushLog: closed(
    {
      ...LOG_MEMBERS,
      payload: TEXT,
      to_ids: { ...TEXT_OR_NULL, description: 'Ids with commas between, or `everyone`.' },
      user_id: TEXT_OR_NULL,
      geo_condition: TEXT_OR_NULL,
      expire_after_seconds: { type: ['integer', 'null'] },
      push_schedule_id: TEXT_OR_NULL,
      scheduled_at: TEXT_OR_NULL,
    },
    ['_id'],
  ),
  PushLogDetail: closed(
    {
      ...LOG_MEMBERS,
      push_id: schemaRef('ObjectId'),
      device_count: INTEGER,
      types: NUMBERS,
      android_types: NUMBERS,
      send_status: { enum: [0, 1, 2, 3], description: '0 sending, 1 success, 2 fail, 3 overdue.' },
      error_message: TEXT_OR_NULL,
      pem_sent_at: TEXT_OR_NULL,
      sent_count: INTEGER,
      failed_count: INTEGER,
      unsubscribed_count: { ...INTEGER, description: 'Devices that are there no more.' },
      failures: {
        type: 'array',
        items: closed({
          subscription_id: TEXT,
          error_code: { type: ['integer', 'null'] },
          error_message: TEXT,
        }),
      },
    },
    ['_id'],
  ),
}
