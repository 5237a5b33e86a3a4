import { randomBytes } from 'node:crypto'
import { allowWrite } from '../../engine/access.ts'
import { type Call, defineMethod, type MethodDefinition } from '../../engine/definition.ts'
import { type Draft, draftOf, newDraft } from '../../engine/draft.ts'
import { actingUser, fill, validationFailed } from '../../engine/fill.ts'
import { writeParams } from '../../engine/method-params.ts'
import { standardMethod } from '../../engine/methods/index.ts'
import { described, type FilePart, file, id, integer, required, text } from '../../engine/params.ts'
import { load, replyWith, retrying, retryLoop, save } from '../../engine/steps.ts'
import { ApiError } from '../../errors.ts'
import { objectId } from '../../lib/ids.ts'
import { FetchRefused, webUrl } from '../../lib/public-fetch.ts'
import { contentKey, contentOf, type FileContent, revisionFolder, safeFilename } from './content.ts'
import { files } from './files.ts'
import { fileJob } from './job.ts'
import { countStorage } from './storage-used.ts'

const PARAMS = {
  file: described(file(), 'The file, as a part of multipart/form-data.'),
  url: described(text({ max: 2048 }), 'Where the server fetches it, in place of a part.'),
  s3_acl: described(
    text({ max: 20, pattern: /^(private|public_read)$/, expected: 'private or public_read' }),
    'Who gets the address: anyone, or with `private` only logged-in users, for a while.',
  ),
  ...writeParams(files),
}

const RETURNS = { key: 'files', schema: 'File' }

export const createFile = defineMethod({
  name: 'createFile',
  group: 'File',
  verb: 'POST',
  path: 'files/create',
  auth: 'user',
  summary: 'Uploads a file, or has the server fetch one. It can be had soon after the answer.',
  params: PARAMS,
  returns: RETURNS,
  async run(call) {
    const ownerId = await actingUser(call)
    const fileId = objectId(call.context.now())
    const received = await receive(call, fileId, null)
    if (!received) throw validationFailed('create file', ['File or url is required'])
    const record = await retryLoop(async () => {
      const draft = newDraft(fileId, ownerId)
      draft.data.name = received.name
      await fill(call, files, draft, 'create')
      await setContent(call, draft, received)
      return save(call, files, draft)
    })
    return replyWith(call, files, [record])
  },
})

export const updateFile = defineMethod({
  name: 'updateFile',
  group: 'File',
  verb: 'PUT',
  path: 'files/update',
  auth: 'user',
  summary: 'Changes a file. With a new content the address of the old one ends.',
  params: { file_id: required(id(), files.unnamed), ...PARAMS },
  returns: RETURNS,
  async run(call) {
    const actor = await actingUser(call)
    const fileId = call.params.file_id
    let received: Received | null | undefined
    const record = await retrying(call, files, fileId, async () => {
      const before = await load(call, files, fileId)
      await allowWrite(call, files, before, actor, 'update')
      const draft = draftOf(before)
      await fill(call, files, draft, 'update')
      received ??= await receive(call, fileId, contentOf(draft.hidden))
      if (received) await setContent(call, draft, received)
      return save(call, files, draft)
    })
    return replyWith(call, files, [record])
  },
})

type Received = {
  readonly name: string
  readonly url: string | null
  readonly content: Omit<FileContent, 'outdated'>
}

type Sent = {
  readonly file?: FilePart | '' | undefined
  readonly url?: string | undefined
  readonly s3_acl?: string | undefined
}

/**
 * Gives an uploaded file its place, or checks the address of one that is to be fetched. `null`
 * when neither was sent.
 *
 * @throws {ApiError} `param_invalid`
 */
async function receive(
  call: Call,
  fileId: string,
  before: FileContent | null,
): Promise<Received | null> {
  const { file: part, url, s3_acl: access } = call.params as Sent
  if (part && url) throw new ApiError('param_invalid', 'Send either file or url, not both.')
  if (!part && !url) {
    if (!access) return null
    throw new ApiError('param_invalid', 's3_acl can be sent only together with file or url.')
  }
  const isPrivate = access ? access === 'private' : (before?.isPrivate ?? false)
  const revision = randomBytes(8).toString('hex')
  if (!part) return toFetch(String(url), { revision, isPrivate })
  const filename = safeFilename(part.filename)
  const { sizeBytes } = part.staged
  const content = { revision, isPrivate, filename, sizeBytes }
  const { backend, context } = call
  part.undo = () => context.blobs.deleteAll(revisionFolder(backend.id, fileId, content))
  const key = contentKey(backend.id, fileId, { ...content, outdated: [] })
  await context.blobs.commit(part.staged, key)
  return { name: plainName(part.filename), url: null, content }
}

/** The name that a file came with, as one can be stored. */
function plainName(filename: string): string {
  return filename.replaceAll('\0', '').slice(-500).toWellFormed()
}

function toFetch(
  address: string,
  { revision, isPrivate }: Pick<FileContent, 'revision' | 'isPrivate'>,
): Received {
  const url = checkedUrl(address)
  const last = url.pathname.split('/').at(-1) ?? ''
  const filename = safeFilename(last)
  return { name: filename, url: url.href, content: { revision, isPrivate, filename } }
}

function checkedUrl(address: string): URL {
  try {
    return webUrl(address)
  } catch (cause) {
    if (!(cause instanceof FetchRefused)) throw cause
    throw new ApiError('param_invalid', `Invalid url parameter; ${cause.message}`, { cause })
  }
}

/** What was there before is out of sight at once, and removed by the job. */
async function setContent(call: Call, draft: Draft, received: Received): Promise<void> {
  const { context, backend } = call
  const old = contentOf(draft.hidden)
  const outdated = old ? [...old.outdated, revisionFolder(backend.id, draft.id, old)] : []
  const content: FileContent = { ...received.content, outdated }
  draft.hidden.content = content
  draft.data.processed = false
  delete draft.data.processing_error
  const payload = { fileId: draft.id, revision: content.revision, url: received.url }
  const owner = { backendId: backend.id, ownerId: draft.ownerId }
  const bytes = (content.sizeBytes ?? 0) - (old?.sizeBytes ?? 0)
  draft.operations.push(
    { op: 'enqueue', job: fileJob(backend.id, payload, context.now()) },
    ...(await countStorage(context, owner, bytes)),
  )
  draft.hasJobs = true
}

const EXPIRES = {
  expires: described(
    integer({ min: 1, max: 604_800, unit: 'seconds' }),
    'How many seconds the addresses of private files are good for; 300 if absent.',
  ),
}

function withExpires(kind: 'show' | 'query', name: string): MethodDefinition {
  const method = standardMethod(files, kind, name)
  return { ...method, params: { ...method.params, ...EXPIRES } }
}

export const showFile = withExpires('show', 'showFile')
export const queryFiles = withExpires('query', 'queryFiles')
