export type * from './types.js';
export { applyMapping, mapPayload } from './apply-mapping.js';
export { checkMapping } from './check-mapping.js';
export { MAPPING_CODES } from './codes.js';
export type { MappingCode } from './mapping-code.js';
export { catalogueWith, STARTER_CATALOGUE } from './starter-catalogue.js';
export { previewMapping, type MappingPreview, type PreviewedRow } from './preview-mapping.js';
export { columnsOf, suggestMapping, type Sampled, type Suggestion } from './suggest-mapping.js';
export { isShopifyTopic, mapShopify, type ShopifyTopic } from './shopify.js';
