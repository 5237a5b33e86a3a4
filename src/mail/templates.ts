import { Liquid, type LiquidOptions } from 'liquidjs'
import { ApiError } from '../errors.ts'
import { headerText } from './address.ts'

/** Texts with `{{placeholder}}`; Liquid's filters and conditions work too, its loops do not. */
export type MailTemplate = {
  readonly subject: string
  readonly html?: string | null
  readonly plain?: string | null
}

export type MailContent = {
  readonly subject: string
  readonly html?: string
  readonly text?: string
}

/** Which bodies a mail is to have; absent: those that the template has. */
export type MailBodies = 'plain' | 'html' | 'multipart'

/** Characters of each part, before and after the values are filled in. */
const TEMPLATE_LENGTH_MAX = 100_000
const OUTPUT_LENGTH_MAX = 1_000_000
/** The last resort only: without loops the work is bounded by the length and the memory. */
const RENDER_MS_MAX = 1_000

const OPTIONS: LiquidOptions = {
  parseLimit: TEMPLATE_LENGTH_MAX,
  renderLimit: RENDER_MS_MAX,
  memoryLimit: OUTPUT_LENGTH_MAX,
  ownPropertyOnly: true,
  strictFilters: true,
  // Nothing can be included: no file, and no other template.
  templates: {},
}

// Rendering holds the event loop, so a template cannot loop; nor can it reach another template.
const TAGS_LEFT_OUT = ['for', 'tablerow', 'include', 'render', 'layout', 'block']

const plainEngine = engineWith(OPTIONS)
const htmlEngine = engineWith({ ...OPTIONS, outputEscape: 'escape' })

function engineWith(options: LiquidOptions): Liquid {
  const engine = new Liquid(options)
  for (const tag of TAGS_LEFT_OUT) delete engine.tags[tag]
  return engine
}

/**
 * Refuses a template that could not be rendered, before it is stored.
 *
 * @throws {ApiError} `param_invalid`
 */
export function checkTemplate(template: MailTemplate): void {
  renderMail(template, {})
}

/**
 * Fills in a template. Values appear in the html body as text, never as markup; a placeholder
 * without a value is left empty. The subject is always one line.
 *
 * @param values by placeholder; only their own members can be reached
 * @throws {ApiError} `param_invalid`
 */
export function renderMail(
  template: MailTemplate,
  values: Readonly<Record<string, unknown>>,
  bodies?: MailBodies,
): MailContent {
  const { html, plain } = chosenBodies(template, bodies)
  const subject = headerText(render(plainEngine, 'subject', template.subject, values))
  return {
    subject,
    ...(html === null ? {} : { html: render(htmlEngine, 'body', html, values) }),
    ...(plain === null ? {} : { text: render(plainEngine, 'plain_body', plain, values) }),
  }
}

function chosenBodies(
  template: MailTemplate,
  bodies: MailBodies | undefined,
): { html: string | null; plain: string | null } {
  const html = bodies === 'plain' ? null : (template.html ?? null)
  const plain = bodies === 'html' ? null : (template.plain ?? null)
  const lacks = bodies === 'multipart' ? html === null || plain === null : !html && !plain
  if (!lacks) return { html, plain }
  if (bodies === undefined) throw invalid('An e-mail template needs a body or a plain_body.')
  throw invalid(`content_type is "${bodies}", but the e-mail template has no such body.`)
}

function render(
  engine: Liquid,
  part: string,
  text: string,
  values: Readonly<Record<string, unknown>>,
): string {
  let output: string
  try {
    output = String(engine.parseAndRenderSync(text, values))
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw invalid(`The ${part} of the e-mail template is not usable: ${why.slice(0, 300)}`, error)
  }
  if (output.length <= OUTPUT_LENGTH_MAX) return output
  throw invalid(`The ${part} of the e-mail is longer than ${OUTPUT_LENGTH_MAX} characters.`)
}

function invalid(message: string, cause?: unknown): ApiError {
  return new ApiError('param_invalid', message, cause === undefined ? {} : { cause })
}
