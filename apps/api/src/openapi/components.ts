import { z } from 'zod';
import { ERRORS } from '@throughline/domain/shared';
import { AudienceSchema, CapsDocumentSchema } from '@throughline/domain/destinations/schemas';
import { IdentityRulesSchema } from '@throughline/domain/identity/schemas';
import { JourneyDefinitionSchema } from '@throughline/domain/journeys/schemas';
import { AttributeSchema, MappingSchema } from '@throughline/domain/catalogue/schemas';
import { PredictionSchema } from '@throughline/domain/prediction/schemas';
import {
  ItemsSchema,
  PersonalisationSchema,
  RecommendationSettingsSchema,
} from '@throughline/domain/recommendations/schemas';
import { SegmentDefinitionSchema } from '@throughline/domain/segments/schemas';
import { SampleSchema, TrialSchema } from '../catalogue/sample.schema.js';
import { CatalogueView, MappingPreviewView, MappingSuggestionsView } from '../catalogue/views.js';
import { DefinitionView, PublicationView, VersionView } from '../common/definition.view.js';
import { ErasureView } from '../consent/erasures.controller.js';
import { ConsentWordsSchema, PreferenceLinkView } from '../consent/privacy.controller.js';
import { SuppressionImportView, SuppressionView } from '../consent/suppressions.controller.js';
import {
  AudienceRedriveView,
  AudienceRunSchema,
  AudienceRunView,
  AudienceStateView,
} from '../destinations/audience.views.js';
import {
  CouponPoolSchema,
  CouponPoolView,
  CouponUploadView,
} from '../coupons/coupons.controller.js';
import {
  ConnectionDefinitionSchema,
  TemplateDefinitionSchema,
} from '../destinations/definitions.schema.js';
import {
  CheckView,
  DeliveryView,
  DestinationView,
  HealthView,
  PreviewView,
} from '../destinations/views.js';
import { HookSchema, HookView } from '../ingestion/hook.schema.js';
import { ImportView } from '../ingestion/imports.views.js';
import {
  IdentityAlertView,
  IdentityPreviewView,
  LaneInputView,
  MergeView,
} from '../identity/views.js';
import { PullStateView, PutPullSchema } from '../ingestion/pulls.controller.js';
import {
  ReconcileRunView,
  ReconcileScheduleSchema,
  ReconcileScheduleView,
  ReconcileSchema,
  SplitSchema,
  SuggestionView,
} from '../identity/reconcile.views.js';
import {
  BacktestSchema,
  CustomerPredictionsView,
  ModelCardView,
  PredictionRunView,
} from '../predictions/views.js';
import { QuarantineDetailView, QuarantineView } from '../ingestion/quarantine.controller.js';
import { ExplanationView } from '../journeys/explain.views.js';
import { BlastRadiusView, SimulationView } from '../journeys/forecast.views.js';
import { PublishLimitView } from '../journeys/publish-limit.controller.js';
import { SendingView } from '../journeys/sending.controller.js';
import { EnrolmentDetailView, EnrolmentView, JourneyNumbersView } from '../journeys/views.js';
import {
  ConsentChangeView,
  ConsentView,
  CustomerSummaryView,
  CustomerView,
  TimelineEventView,
} from '../profiles/views.js';
import {
  ItemsPutView,
  ItemView,
  RecommendationRunView,
  RecommendationSettingsView,
  RecommendationsView,
} from '../recommendations/views.js';
import { VocabularyView } from '../profiles/vocabulary.controller.js';
import {
  OverlapView,
  SegmentHistoryView,
  SegmentPreviewView,
  WhoAmIView,
} from '../segments/views.js';
import { CapsView } from '../workspaces/caps.controller.js';
import {
  AuditView,
  IssuedKeyView,
  KeyView,
  SourceView,
  WorkspaceView,
} from '../workspaces/views.js';

const Fault = z.object({
  path: z.string(),
  code: z.string(),
  message: z.string(),
  severity: z.enum(['error', 'warning']).optional(),
});

const ProblemView = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.enum(Object.keys(ERRORS)).describe('closed list: docs/api/errors.md'),
  detail: z.string(),
  faults: z.array(Fault),
  requestId: z.string(),
});

/** Everything that leaves, by the name that the decorators use. One schema for type, document and the test of answers. */
export const ANSWERS = {
  AudienceRedrive: AudienceRedriveView,
  AudienceRun: AudienceRunView,
  AudienceState: AudienceStateView,
  AuditEntry: AuditView,
  BlastRadius: BlastRadiusView,
  Catalogue: CatalogueView,
  Check: CheckView,
  ConnectionHealth: HealthView,
  Consents: z.object({ consents: z.array(ConsentView), changes: z.array(ConsentChangeView) }),
  Count: z.object({ count: z.int(), asOf: z.iso.datetime() }),
  CouponPool: CouponPoolView,
  CouponUpload: CouponUploadView,
  Cursor: z.string().nullable().describe('Pass as `after` for the next page; null on the last.'),
  Customer: CustomerView,
  CustomerPredictions: CustomerPredictionsView,
  CustomerSummary: CustomerSummaryView,
  Definition: DefinitionView,
  Delivery: DeliveryView,
  Destination: DestinationView,
  Enrolment: EnrolmentView,
  EnrolmentDetail: EnrolmentDetailView,
  Erasure: ErasureView,
  Explanation: ExplanationView,
  FrequencyCaps: CapsView,
  Import: ImportView,
  IdentityAlert: IdentityAlertView,
  IdentityPreview: IdentityPreviewView,
  IdentitySuggestion: SuggestionView,
  IssuedKey: IssuedKeyView,
  Item: ItemView,
  ItemsPut: ItemsPutView,
  JourneyNumbers: JourneyNumbersView,
  Key: KeyView,
  MappingPreview: MappingPreviewView,
  MappingSuggestions: MappingSuggestionsView,
  LaneInput: LaneInputView,
  Merge: MergeView,
  ModelCard: ModelCardView,
  OperatorVerdict: z.object({ accepted: z.literal(true), state: z.string() }),
  Personalisation: PersonalisationSchema,
  PredictionRun: PredictionRunView,
  PreferenceLink: PreferenceLinkView,
  Preview: PreviewView,
  Problem: ProblemView,
  Publication: PublicationView,
  PublishLimit: PublishLimitView,
  PullState: PullStateView,
  QuarantinedEvent: QuarantineView,
  QuarantinedEventDetail: QuarantineDetailView,
  RecommendationRun: RecommendationRunView,
  RecommendationSettings: RecommendationSettingsView,
  Recommendations: RecommendationsView,
  ReconcileRun: ReconcileRunView,
  ReconcileSchedule: ReconcileScheduleView,
  Sending: SendingView,
  Simulation: SimulationView,
  SegmentHistory: SegmentHistoryView,
  SegmentMember: z.object({ customerId: z.uuid(), since: z.iso.datetime() }),
  SegmentOverlap: OverlapView,
  SegmentPreview: SegmentPreviewView,
  Source: SourceView,
  SourceHook: HookView,
  Suppression: SuppressionView,
  SuppressionImport: SuppressionImportView,
  TimelineEvent: TimelineEventView,
  Verdict: z.object({ valid: z.boolean(), faults: z.array(Fault) }),
  Version: VersionView,
  Vocabulary: VocabularyView,
  WhoAmI: WhoAmIView,
  Workspace: WorkspaceView,
} as const;

/** Everything that is put. */
const DOCUMENTS = {
  PredictionDefinition: PredictionSchema,
  PullDefinition: PutPullSchema,
  SourceHookDefinition: HookSchema,
  Attribute: AttributeSchema,
  AudienceDefinition: AudienceSchema,
  AudienceRunRequest: AudienceRunSchema,
  Backtest: BacktestSchema,
  ConsentWords: ConsentWordsSchema,
  MappingDefinition: MappingSchema,
  MappingSample: SampleSchema,
  MappingTrial: TrialSchema,
  ConnectionDefinition: ConnectionDefinitionSchema,
  CouponPoolDefinition: CouponPoolSchema,
  FrequencyCapsDocument: CapsDocumentSchema,
  IdentityRules: IdentityRulesSchema,
  IdentitySplit: SplitSchema,
  ItemsDocument: ItemsSchema,
  JourneyDefinition: JourneyDefinitionSchema,
  PersonalisationDocument: PersonalisationSchema,
  RecommendationSettingsDocument: RecommendationSettingsSchema,
  Reconcile: ReconcileSchema,
  ReconcileScheduleDocument: ReconcileScheduleSchema,
  SegmentDefinition: SegmentDefinitionSchema,
  TemplateDefinition: TemplateDefinitionSchema,
} as const;

export type JsonSchema = Readonly<Record<string, unknown>>;

export function componentSchemas(): Record<string, JsonSchema> {
  const answers = Object.entries(ANSWERS).map(
    ([name, schema]) => [name, schemaOf(name, schema, 'output')] as const,
  );
  const documents = Object.entries(DOCUMENTS).map(
    ([name, schema]) => [name, schemaOf(name, schema, 'input')] as const,
  );
  return Object.fromEntries([...answers, ...documents]);
}

/** zod's own definitions live inside their component, so their references are made absolute. */
function schemaOf(name: string, schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  const text = JSON.stringify({
    ...z.toJSONSchema(schema, { io, unrepresentable: 'any', reused: 'ref' }),
    // The document names its dialect once, for all of them.
    $schema: undefined,
  })
    .replaceAll('"#/$defs/', `"#/components/schemas/${name}/$defs/`)
    .replaceAll('"$ref":"#"', `"$ref":"#/components/schemas/${name}"`);
  const parsed: unknown = JSON.parse(text);
  return z.record(z.string(), z.unknown()).parse(parsed);
}
