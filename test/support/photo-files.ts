import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestApp } from './test-app.ts'

/** Every file of every photo, by its path in the folder of files. */
export async function photoFiles(app: TestApp, photoId = ''): Promise<string[]> {
  const folder = app.context.config.files.directory
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .filter((path) => path.includes('/photos/') && path.includes(photoId))
    .sort()
}

/** What is behind an address of a photo. @throws when there is nothing */
export async function fileOf(app: TestApp, url: string): Promise<Buffer> {
  const reply = await app.app.inject({ url: new URL(url).pathname })
  if (reply.statusCode !== 200) throw new Error(`${url} answers ${reply.statusCode}`)
  return reply.rawPayload
}
