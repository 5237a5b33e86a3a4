import { LRUCache } from 'lru-cache'
import { RE2JS } from 're2js'
import { portablePattern } from '../../lib/safe-regex.ts'
import type { Database } from './driver.ts'

/** Registers `matches(text, pattern)`: linear in the length of the text, whatever the pattern. */
export function registerMatches(db: Database): void {
  const compiled = new LRUCache<string, RE2JS>({ max: 100 })
  db.function('matches', { deterministic: true }, (text: string, pattern: string) => {
    let expression = compiled.get(pattern)
    if (!expression) {
      expression = RE2JS.compile(portablePattern(pattern), RE2JS.DOTALL)
      compiled.set(pattern, expression)
    }
    return expression.matcher(text).find() ? 1 : 0
  })
}
