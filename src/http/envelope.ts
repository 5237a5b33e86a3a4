import type { Reply } from '../engine/definition.ts'
import type { ApiError } from '../errors.ts'

/** The body of a successful call. Objects are texts already and are not encoded again. */
export function successBody(methodName: string, reply: Reply): string {
  const code = reply.status ?? 200
  if (!reply.meta && reply.items) {
    return `{"meta":{"code":${code},"status":"ok","method_name":"${methodName}"}${responsePart(reply)}}`
  }
  const members = Object.entries(reply.meta ?? {}).filter(([, value]) => value !== undefined)
  const more = members.map(([name, value]) => `,${JSON.stringify(name)}:${JSON.stringify(value)}`)
  const meta = `"code":${code},"status":"ok","method_name":${JSON.stringify(methodName)}${more.join('')}`
  return `{"meta":{${meta}}${responsePart(reply)}}`
}

function responsePart({ items, response }: Reply): string {
  if (items) return `,"response":{${JSON.stringify(items.key)}:[${items.texts.join(',')}]}`
  return response ? `,"response":${JSON.stringify(response)}` : ''
}

/** The body of a refused call. `reason` and `request_id` are additions to the original form. */
export function failureBody(
  error: Pick<ApiError, 'status' | 'code' | 'message'>,
  methodName: string | undefined,
  requestId: string,
): string {
  return JSON.stringify({
    meta: {
      status: 'fail',
      code: error.status,
      message: error.message,
      ...(methodName ? { method_name: methodName } : {}),
      reason: error.code,
      request_id: requestId,
    },
  })
}

export function indented(body: string): string {
  return JSON.stringify(JSON.parse(body), null, 2)
}
