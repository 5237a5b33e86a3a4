#!/usr/bin/env node
import { run } from './cli/run.ts'

// The one place that looks at the environment; everything else is handed it.
const { env, stdout, stderr } = process

// Whatever is written is people's data or a secret, and nobody else's business.
process.umask(0o077)

process.exitCode = await run(process.argv.slice(2), { env, streams: { stdout, stderr } })
