/**
 * Makes `dist/` from `src/`: few large files, which Node reads in half the time that it takes to
 * find some hundreds of small ones. What the code imports when it needs it stays apart. Types are
 * checked elsewhere (`npm run check`).
 */
import { readdir, rm } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { build } from 'esbuild'

const OUT = 'dist'

const { metafile } = await build({
  // Those besides the program are started as threads, by their names: see lib/start-worker.ts.
  entryPoints: {
    main: 'src/main.ts',
    reader: 'src/storage/sqlite/reader.ts',
    worker: 'src/tools/apis/definition/worker.ts',
    writer: 'src/storage/sqlite/writer.ts',
  },
  outdir: OUT,
  bundle: true,
  splitting: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  sourcemap: true,
  metafile: true,
  logLevel: 'warning',
})

// Only what this build has not made: a server that runs from the same sources may need the rest.
const made = new Set(Object.keys(metafile.outputs).map((file) => relative(OUT, file)))
const there = await readdir(OUT, { recursive: true, withFileTypes: true })
for (const entry of there) {
  const file = join(entry.parentPath, entry.name)
  if (entry.isFile() && !made.has(relative(OUT, file))) await rm(file)
}
