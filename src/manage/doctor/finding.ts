export type Finding = {
  /** What was looked at: `database`. */
  readonly check: string
  readonly state: 'ok' | 'warn' | 'fail'
  readonly message: string
  /** What to do, unless all is well. */
  readonly advice?: string
}

/** One thing to look at; whatever it throws counts as a failure. */
export type Check = { readonly name: string; run(): Promise<Omit<Finding, 'check'>> }

/** Looks at everything, at once, in the order of the checks. */
export function findingsOf(checks: readonly Check[]): Promise<Finding[]> {
  return Promise.all(
    checks.map(async ({ name, run }): Promise<Finding> => {
      try {
        return { check: name, ...(await run()) }
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error)
        return { check: name, state: 'fail', message }
      }
    }),
  )
}
