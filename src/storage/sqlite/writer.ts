import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { WriteConflict } from '../port.ts'
import { BatchWriter } from './apply.ts'
import { connect } from './connection.ts'
import { failureOf } from './failure.ts'
import { Housekeeper } from './housekeeper.ts'
import { JobTable } from './job-table.ts'
import type { Answer, Request, WriterCall } from './messages.ts'

/**
 * The writer thread: commits everything that waits as one transaction, so that one wait for the
 * disk serves many callers, and answers when it is durable. Meanwhile the next calls queue up.
 */
const db = connect((workerData as { file: string }).file, 'write')
const batches = new BatchWriter(db)
const jobs = new JobTable(db)
const housekeeper = new Housekeeper(db)
const begin = db.prepare('BEGIN IMMEDIATE')
const commit = db.prepare('COMMIT')
const port = parentPort as MessagePort

port.on('message', (message: readonly Request<WriterCall>[] | null) => {
  const requests = message ? [...message] : []
  let isClosing = message === null
  for (let more = receiveMessageOnPort(port); more; more = receiveMessageOnPort(port)) {
    const next = more.message as readonly Request<WriterCall>[] | null
    if (next) requests.push(...next)
    else isClosing = true
  }
  if (requests.length > 0) port.postMessage(commitAll(requests))
  if (isClosing) close()
})

function commitAll(requests: readonly Request<WriterCall>[]): Answer[] {
  try {
    begin.run()
    const answers = requests.map(answerOne)
    commit.run()
    return answers
  } catch (error) {
    rollBack()
    // One of them may have spoilt it for all, so each gets a transaction of its own.
    if (requests.length > 1) return requests.flatMap((request) => commitAll([request]))
    return requests.map(({ id }) => ({ id, failure: failureOf(error) }))
  }
}

/** A conflict is an answer like another: nothing of the batch was written yet. */
function answerOne({ id, call }: Request<WriterCall>): Answer {
  try {
    return { id, result: run(call) }
  } catch (error) {
    if (error instanceof WriteConflict) return { id, failure: failureOf(error) }
    throw error
  }
}

function run(call: WriterCall): unknown {
  switch (call.call) {
    case 'write':
      return batches.apply(call.batch)
    case 'takeJobs':
      return jobs.take(call.now, call.limit, call.leaseMs)
    case 'extendJob':
      return jobs.extend(call.backendId, call.id, call.leaseUntil)
    case 'finishJob':
      return jobs.finish(call.backendId, call.id)
    case 'releaseJob':
      return jobs.release(call.backendId, call.id, call.error, call.runAt)
    case 'trimChanges':
      return housekeeper.trimChanges(call.before, call.limit)
    case 'purgeTenant':
      batches.forget()
      return housekeeper.purgeTenant(call.backendId, call.slice)
    case 'check':
      return housekeeper.check(call.at)
  }
}

/** After a full disk the database has rolled back by itself, and says so by an error. */
function rollBack(): void {
  batches.forget()
  try {
    db.exec('ROLLBACK')
  } catch {
    // Nothing was open.
  }
}

function close(): void {
  db.exec('PRAGMA optimize')
  db.close()
  port.close()
}
