/** The zod door of what is shared; the pure one is index.ts. */
export {
  AesKeyText,
  DatabaseUrlText,
  ListText,
  readSettings,
  settingsExample,
  SigningKeyText,
  whole,
  type SettingsResult,
} from './settings.schema.js';
