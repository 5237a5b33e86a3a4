import { fileTypeFromBuffer } from 'file-type'

export type PhotoType = {
  readonly contentType: 'image/jpeg' | 'image/png' | 'image/gif'
  /** Without a dot. */
  readonly extension: 'jpg' | 'png' | 'gif'
}

const TYPES: Readonly<Record<string, PhotoType>> = {
  'image/jpeg': { contentType: 'image/jpeg', extension: 'jpg' },
  'image/png': { contentType: 'image/png', extension: 'png' },
  // An animated PNG is a PNG to whoever does not know better.
  'image/apng': { contentType: 'image/png', extension: 'png' },
  'image/gif': { contentType: 'image/gif', extension: 'gif' },
}

/**
 * Tells by its first bytes what a photo is, whatever its name and its sender's `Content-Type` say.
 *
 * @param head the first bytes of the file, up to 4100
 * @returns `null` for what is not taken as a photo
 */
export async function sniffPhoto(head: Uint8Array): Promise<PhotoType | null> {
  const found = await fileTypeFromBuffer(head)
  return (found && TYPES[found.mime]) ?? null
}
