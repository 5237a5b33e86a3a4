import sharp from 'sharp'
import type { TestApp } from './test-app.ts'

export const FORM = 'application/x-www-form-urlencoded'
export const JSON_TYPE = 'application/json'
export const MULTIPART = 'multipart/form-data; boundary=XX'

type Part = {
  readonly name: string
  readonly value: string | Buffer
  readonly filename?: string
}

/** A multipart body put together by hand, so that it can be as odd as those of old clients. */
export function multipart(parts: readonly Part[], boundary = 'XX', ending = '\r\n'): Buffer {
  const texts = parts.flatMap(({ name, value, filename }) => [
    Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${name}"`),
    Buffer.from(filename === undefined ? '' : `; filename="${filename}"`),
    Buffer.from(filename === undefined ? '\r\n\r\n' : '\r\nContent-Type: image/png\r\n\r\n'),
    Buffer.from(value),
    Buffer.from('\r\n'),
  ])
  return Buffer.concat([...texts, Buffer.from(`--${boundary}--${ending}`)])
}

/** Parts that are no files. */
export const fields = (values: Readonly<Record<string, string>>): Part[] =>
  Object.entries(values).map(([name, value]) => ({ name, value }))

/** A PNG of a few bytes. */
export const picture = sharp({ create: { width: 9, height: 9, channels: 3, background: 'teal' } })
  .png()
  .toBuffer()

/** All that a place needs. */
export const PLACE = { name: 'Pier 7', city: 'Douglas' }

/** How many objects there are of some kinds, to see that a refused call has made none. */
export async function counts(app: TestApp): Promise<unknown[]> {
  const paths = ['users', 'places', 'photos', 'checkins', 'objects/boat']
  const replies = await Promise.all(paths.map((path) => app.get(`${path}/count`)))
  return replies.map(({ body }) => body.meta.count ?? 0)
}
