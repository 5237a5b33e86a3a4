import type { MailTemplate } from './templates.ts'

/**
 * The mails of a backend that has no templates of its own. Placeholders: `app_name`, `name` (of the
 * user, may be empty), `link`, and the token, by the names that templates of apps always used.
 */
export const CONFIRMATION_MAIL: MailTemplate = {
  subject: 'Email Verification Instructions for {{app_name}}',
  plain: `Hello{% if name %} {{name}}{% endif %},

please confirm your e-mail address for {{app_name}} by opening this address:

{{link}}

If you have not signed up, you need not do anything.
`,
  html: `<p>Hello{% if name %} {{name}}{% endif %},</p>
<p>please confirm your e-mail address for {{app_name}}:</p>
<p><a href="{{link}}">Confirm my e-mail address</a></p>
<p>If you have not signed up, you need not do anything.</p>
`,
}

export const PASSWORD_RESET_MAIL: MailTemplate = {
  subject: 'Password reset request for {{app_name}}',
  plain: `Hello{% if name %} {{name}}{% endif %},

someone, we hope you, asked to set a new password for {{app_name}}. To choose one, open this address:

{{link}}

If it was not you, do nothing: your password stays as it is.
`,
  html: `<p>Hello{% if name %} {{name}}{% endif %},</p>
<p>someone, we hope you, asked to set a new password for {{app_name}}:</p>
<p><a href="{{link}}">Choose a new password</a></p>
<p>If it was not you, do nothing: your password stays as it is.</p>
`,
}

export const WELCOME_MAIL: MailTemplate = {
  subject: 'Welcome to {{app_name}}',
  plain: `Hello{% if name %} {{name}}{% endif %},

welcome to {{app_name}}. Your account is ready.
`,
  html: `<p>Hello{% if name %} {{name}}{% endif %},</p>
<p>welcome to {{app_name}}. Your account is ready.</p>
`,
}
