/** Templates as they are stored, and what comes of rendering one. */

/** What to do when a template names something that this person does not have. */
export type MissingPolicy = 'default' | 'skip' | 'fail';

export interface EmailTemplate {
  readonly subject: string;
  readonly html?: string;
  readonly text?: string;
  /** `default` renders nothing in its place; `skip` sends no message; `fail` is an error. Without it: `default`. */
  readonly missing?: MissingPolicy;
}

export type TemplatePart = 'subject' | 'html' | 'text';

export type RenderFaultCode =
  | 'template_invalid'
  | 'missing_variable'
  | 'render_error'
  | 'render_timeout'
  | 'render_memory'
  | 'output_too_large'
  | 'variables_too_large'
  | 'renderer_closed';

export type RenderResult =
  | {
      readonly status: 'rendered';
      readonly subject: string;
      readonly html?: string;
      readonly text?: string;
    }
  | { readonly status: 'skipped'; readonly reason: 'missing_variable'; readonly name: string }
  | { readonly status: 'failed'; readonly code: RenderFaultCode; readonly message: string };

export interface TemplateFault {
  readonly part: TemplatePart;
  readonly code: 'syntax' | 'forbidden_tag' | 'too_large' | 'empty';
  readonly message: string;
  readonly line?: number;
}
