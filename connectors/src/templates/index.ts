/** Message templates: Liquid, checked when saved and rendered under hard limits. */
export { createRenderer, type Renderer, type RendererOptions } from './renderer.js';
export { checkTemplate } from './check-template.js';
export { compileMjml } from './compile-mjml.js';
export { tagMessage } from './tag-message.js';
export { namesRecommendations } from './names-recommendations.js';
export type {
  EmailTemplate,
  MissingPolicy,
  RenderFaultCode,
  RenderResult,
  TemplateFault,
  TemplatePart,
} from './types.js';
