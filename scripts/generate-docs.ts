import { writeFileSync } from 'node:fs'
import { dataApi } from '../src/openapi/data-api.ts'
import { methodTable } from '../src/openapi/method-table.ts'

/** `npm run docs`: writes what test/docs.test.ts compares with the declarations. */
writeFileSync(new URL('../docs/api/methods.md', import.meta.url), methodTable(dataApi))
