import { readFileSync } from 'node:fs'
import type { Logger } from 'pino'
import { DiskBlobStore } from './blobs/disk.ts'
import { type Config, storeOptions } from './config.ts'
import type { EngineContext } from './engine/context.ts'
import { effectiveId } from './engine/effective-backend.ts'
import { RecordCache } from './engine/record-cache.ts'
import { createLogger } from './http/logger.ts'
import type { JobHandler } from './jobs/handler.ts'
import { JobRunner } from './jobs/runner.ts'
import { sessionToken } from './lib/ids.ts'
import { Lockout } from './lib/lockout.ts'
import { Secret } from './lib/secret.ts'
import { Signer } from './lib/signer.ts'
import { Turns } from './lib/turns.ts'
import { makeVault } from './lib/vault.ts'
import { SmtpMail } from './mail/smtp.ts'
import { Closers } from './manage/closers.ts'
import { openDataDirectory } from './manage/data-dir/data-directory.ts'
import { Lifecycle } from './manage/lifecycle.ts'
import { Refused } from './manage/refused.ts'
import { catalogue } from './objects/index.ts'
import { jobHandlers } from './objects/job-handlers.ts'
import { proofOf, proveUser } from './objects/users/proof.ts'
import { platformJobs } from './platform/jobs.ts'
import { Gateways } from './push/gateways.ts'
import { openStore } from './storage/open.ts'
import { auditInsert, type Trace } from './tools/audit/entry.ts'
import { updateBackendSettings } from './tools/backends/settings.ts'
import { type AppUsers, createTools, type ToolsContext } from './tools/context.ts'
import { toolsJobs } from './tools/jobs.ts'

/** Everything that the program works with, made once: see {@link openContext}. */
export type Context = EngineContext & {
  readonly config: Config
  readonly logger: Logger
  readonly tools: ToolsContext
  /** Not started: a command leaves the queue to the server. */
  readonly jobs: JobRunner
  readonly lifecycle: Lifecycle
  /** Signs temporary links. */
  readonly secret: Secret
  /** Proves that a caller may manage this process; see `manage/mount.ts`. */
  readonly manageToken: Secret
  readonly closers: Closers
}

const JOBS_AT_ONCE = 4
const JOBS_POLL_MS = 5000

/**
 * Opens everything that the settings name; the tables are brought up to date on the way.
 * @throws {Refused} when the data directory is in use or of a newer version
 * @throws {NewerSchemaError}
 */
export async function openContext(
  config: Config,
  logger: Logger = createLogger(config.log.level, { stream: 'stdout', buffered: true }),
): Promise<Context> {
  const closers = new Closers()
  try {
    return await open(config, logger, closers)
  } catch (error) {
    await closers.close()
    throw error
  }
}

/** Closes what {@link openContext} opened, in reverse order. */
export function closeContext(context: Context): Promise<void> {
  return context.closers.close()
}

async function open(config: Config, logger: Logger, closers: Closers): Promise<Context> {
  const directory = await openDataDirectory(config)
  closers.add(() => directory.close())
  const store = await openStore(storeOptions(config))
  closers.add(() => store.close())
  const blobs = await DiskBlobStore.open(config.files.directory)
  const cache = new RecordCache(store)
  closers.add(() => cache.close())
  const smtp = new SmtpMail()
  closers.add(() => smtp.close())
  const push = openGateways(config)
  closers.add(() => push.close())
  const tools = createTools({
    store,
    blobs,
    uploadBytesMax: config.http.uploadMaxBytes,
    wakeJobs: () => jobs.wake(),
    publicUrl: config.http.publicUrl,
    users: appUsers(() => engine),
  })
  closers.add(() => tools.close())

  const engine = {
    store,
    blobs,
    cache,
    catalogue,
    log: logger,
    turns: new Turns(),
    lockout: new Lockout(),
    mail: { ...config.mail, sender: (url) => smtp.sender(url) },
    push,
    vault: makeVault(directory.secret),
    now: Date.now,
    wakeJobs: () => jobs.wake(),
    limits: { uploadBytesMax: config.http.uploadMaxBytes },
    publicUrl: config.http.publicUrl,
    signer: new Signer(directory.secret),
    outside: config.outside,
    changeSettings: (backendId, { requestId, ...change }) =>
      updateBackendSettings(tools, backendId, { ...change, trace: traceOf(requestId) }),
    auditEntry: (deed, { actor, requestId }, at) =>
      auditInsert(deed, { actor, at, trace: traceOf(requestId) }),
  } satisfies EngineContext
  const jobs = new JobRunner({
    store,
    handlers: handlersOf(engine, tools),
    clock: engine.now,
    log: logger,
    concurrency: JOBS_AT_ONCE,
    pollMs: JOBS_POLL_MS,
  })
  closers.add(() => jobs.stop({ graceMs: 0 }))
  return {
    ...engine,
    ...{ config, logger, tools, jobs, lifecycle: new Lifecycle(), closers },
    manageToken: new Secret(sessionToken()),
    secret: directory.secret,
  }
}

function traceOf(requestId: string | undefined): Trace {
  return requestId === undefined ? {} : { requestId }
}

function handlersOf(engine: EngineContext, tools: ToolsContext): ReadonlyMap<string, JobHandler> {
  return new Map<string, JobHandler>([
    ...jobHandlers(engine),
    ...toolsJobs(tools, engine.blobs),
    ...platformJobs(engine),
  ])
}

/** Users of apps, for the token endpoint: those of the backend that serves the calls. */
function appUsers(engine: () => EngineContext): AppUsers {
  return {
    logIn: async (backendId, given) =>
      proveUser(engine(), await effectiveId(engine(), backendId), given),
    proofOf: async (backendId, userId) =>
      proofOf(engine(), await effectiveId(engine(), backendId), userId),
  }
}

function openGateways({ push: { caFile, ...urls } }: Config): Gateways {
  return new Gateways({ ...urls, extraCa: certificatesIn(caFile) }, Date.now)
}

function certificatesIn(file: string | null): string | null {
  if (file === null) return null
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new Refused(
      'push_ca_unreadable',
      `${file} cannot be read: set HOMEPORT_PUSH_CA_FILE to a file of certificates, or to nothing.`,
      { cause },
    )
  }
}
