import {
  defineObject,
  type MethodDefinition,
  type StandardMethod,
} from '../../engine/definition.ts'
import { standardMethod } from '../../engine/methods/index.ts'
import { required, text } from '../../engine/params.ts'
import { templateClaim } from '../users/mail-job.ts'

const NAME_TAKEN = 'Name is already taken'

const BODY = text({ max: 60_000 })

/** A mail of the app's own, with placeholders. Its administrators alone see and change it. */
export const emailTemplates = defineObject({
  name: 'email_template',
  title: 'EmailTemplate',
  collection: 'email_templates',
  idParam: 'email_template_id',
  calledInTexts: 'email template',
  description: "A mail of the app's own, with placeholders such as {{name}}.",
  methods: { count: 'email_templatesCount' },
  fields: {
    name: required(text({ max: 255 })),
    subject: required(text({ max: 500 })),
    body: BODY,
    plain_body: BODY,
  },
  ownerless: true,
  seenOnlyBy: () => [],
  claims: ({ data }) => [{ ...templateClaim(String(data.name)), taken: NAME_TAKEN }],
  async checkWrite(_call, { data }) {
    const { subject, body, plain_body: plain } = data as Partial<Record<string, string>>
    if (body === undefined && plain === undefined) return ['Body or plain body is required']
    // Loaded with the first template, as it is with the first mail.
    const { checkTemplate } = await import('../../mail/templates.ts')
    checkTemplate({ subject: subject ?? '', html: body ?? null, plain: plain ?? null })
    return []
  },
})

function forAdmins(kind: StandardMethod, name: string): MethodDefinition {
  return { ...standardMethod(emailTemplates, kind, name), auth: 'admin' }
}

export const emailTemplateMethods: readonly MethodDefinition[] = [
  forAdmins('create', 'createEmailTemplate'),
  forAdmins('show', 'showEmailTemplate'),
  forAdmins('query', 'queryEmailTemplates'),
  forAdmins('update', 'updateEmailTemplate'),
  forAdmins('delete', 'deleteEmailTemplate'),
]
