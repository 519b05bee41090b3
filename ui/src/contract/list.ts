// Generated from the contract list; `cargo xtask contract` writes it anew.
import type { AcceptRestored } from "./AcceptRestored";
import type { AcknowledgeTrigger } from "./AcknowledgeTrigger";
import type { AddEnvironment } from "./AddEnvironment";
import type { AddOperator } from "./AddOperator";
import type { Agenda } from "./Agenda";
import type { AgendaRequest } from "./AgendaRequest";
import type { Alarms } from "./Alarms";
import type { AlarmsRequest } from "./AlarmsRequest";
import type { Answer } from "./Answer";
import type { AnswerSignRequest } from "./AnswerSignRequest";
import type { AnsweredRequest } from "./AnsweredRequest";
import type { AskToSign } from "./AskToSign";
import type { AskedToSign } from "./AskedToSign";
import type { AssignItem } from "./AssignItem";
import type { AttachFile } from "./AttachFile";
import type { Audit } from "./Audit";
import type { AuditRequest } from "./AuditRequest";
import type { BackupMade } from "./BackupMade";
import type { CancelJob } from "./CancelJob";
import type { Chain } from "./Chain";
import type { ChangeKey } from "./ChangeKey";
import type { ChangeOperator } from "./ChangeOperator";
import type { ChangeRelease } from "./ChangeRelease";
import type { CheckRun } from "./CheckRun";
import type { Checkpoint } from "./Checkpoint";
import type { ChooseEnvironment } from "./ChooseEnvironment";
import type { ChooseOperator } from "./ChooseOperator";
import type { ChooseSecondFolder } from "./ChooseSecondFolder";
import type { CleanOutput } from "./CleanOutput";
import type { CleanedOutput } from "./CleanedOutput";
import type { ClearTrigger } from "./ClearTrigger";
import type { CompareCheckpoint } from "./CompareCheckpoint";
import type { CompareTemplates } from "./CompareTemplates";
import type { Compared } from "./Compared";
import type { ConfirmItem } from "./ConfirmItem";
import type { ConnectDatabase } from "./ConnectDatabase";
import type { ConnectStripe } from "./ConnectStripe";
import type { Contacts } from "./Contacts";
import type { ContactsRequest } from "./ContactsRequest";
import type { CreateBackup } from "./CreateBackup";
import type { CustomerPage } from "./CustomerPage";
import type { CustomerRequest } from "./CustomerRequest";
import type { CustomerRow } from "./CustomerRow";
import type { CustomersRequest } from "./CustomersRequest";
import type { Disconnect } from "./Disconnect";
import type { DismissItem } from "./DismissItem";
import type { DoOccurrence } from "./DoOccurrence";
import type { DraftTemplate } from "./DraftTemplate";
import type { DuplicateTemplate } from "./DuplicateTemplate";
import type { EditTemplate } from "./EditTemplate";
import type { EndRollback } from "./EndRollback";
import type { EndRun } from "./EndRun";
import type { EntryPage } from "./EntryPage";
import type { EntryRequest } from "./EntryRequest";
import type { Environment } from "./Environment";
import type { Environments } from "./Environments";
import type { EnvironmentsRequest } from "./EnvironmentsRequest";
import type { EvaluateGate } from "./EvaluateGate";
import type { EventPage } from "./EventPage";
import type { EventRequest } from "./EventRequest";
import type { EventRow } from "./EventRow";
import type { EventsRequest } from "./EventsRequest";
import type { EvidenceFound } from "./EvidenceFound";
import type { ExpectEndpoint } from "./ExpectEndpoint";
import type { ExpectPerson } from "./ExpectPerson";
import type { ExportAgenda } from "./ExportAgenda";
import type { ExportLedger } from "./ExportLedger";
import type { ExportRun } from "./ExportRun";
import type { ExportTemplate } from "./ExportTemplate";
import type { Exported } from "./Exported";
import type { ExtractEntries } from "./ExtractEntries";
import type { FigureRows } from "./FigureRows";
import type { FigureRowsRequest } from "./FigureRowsRequest";
import type { FilePreview } from "./FilePreview";
import type { Frame } from "./Frame";
import type { FrameRequest } from "./FrameRequest";
import type { Gates } from "./Gates";
import type { GatesRequest } from "./GatesRequest";
import type { ImportTemplate } from "./ImportTemplate";
import type { InvoicePage } from "./InvoicePage";
import type { InvoiceRequest } from "./InvoiceRequest";
import type { InvoiceRow } from "./InvoiceRow";
import type { InvoicesRequest } from "./InvoicesRequest";
import type { ItemPage } from "./ItemPage";
import type { ItemRequest } from "./ItemRequest";
import type { JobView } from "./JobView";
import type { LedgerFile } from "./LedgerFile";
import type { Limits } from "./Limits";
import type { LimitsRequest } from "./LimitsRequest";
import type { ListExport } from "./ListExport";
import type { MovementRow } from "./MovementRow";
import type { MovementsRequest } from "./MovementsRequest";
import type { NoteItem } from "./NoteItem";
import type { OpenGate } from "./OpenGate";
import type { Operators } from "./Operators";
import type { OperatorsRequest } from "./OperatorsRequest";
import type { OverrideGate } from "./OverrideGate";
import type { Overview } from "./Overview";
import type { OverviewRequest } from "./OverviewRequest";
import type { PinFingerprints } from "./PinFingerprints";
import type { Preferences } from "./Preferences";
import type { PreviewFile } from "./PreviewFile";
import type { PreviewTemplate } from "./PreviewTemplate";
import type { ReadRoster } from "./ReadRoster";
import type { ReadSignRequest } from "./ReadSignRequest";
import type { ReadSignature } from "./ReadSignature";
import type { RecordCommand } from "./RecordCommand";
import type { RecordDeployment } from "./RecordDeployment";
import type { ReopenItem } from "./ReopenItem";
import type { RestoreBackup } from "./RestoreBackup";
import type { Restored } from "./Restored";
import type { RevealRequest } from "./RevealRequest";
import type { Revealed } from "./Revealed";
import type { Revenue } from "./Revenue";
import type { RevenueRequest } from "./RevenueRequest";
import type { RevokeKey } from "./RevokeKey";
import type { Rollback } from "./Rollback";
import type { RollbackRequest } from "./RollbackRequest";
import type { RosterFile } from "./RosterFile";
import type { RosterView } from "./RosterView";
import type { Rows } from "./Rows";
import type { RunFile } from "./RunFile";
import type { RunFiles } from "./RunFiles";
import type { RunPage } from "./RunPage";
import type { RunRequest } from "./RunRequest";
import type { Runs } from "./Runs";
import type { RunsRequest } from "./RunsRequest";
import type { SaveEvidence } from "./SaveEvidence";
import type { SaveReport } from "./SaveReport";
import type { Schedule } from "./Schedule";
import type { ScheduleRequest } from "./ScheduleRequest";
import type { SearchRequest } from "./SearchRequest";
import type { SearchResults } from "./SearchResults";
import type { SetConsiderations } from "./SetConsiderations";
import type { SetContact } from "./SetContact";
import type { SetField } from "./SetField";
import type { SetWindow } from "./SetWindow";
import type { SignPreview } from "./SignPreview";
import type { SignPreviewRequest } from "./SignPreviewRequest";
import type { SignRequestView } from "./SignRequestView";
import type { SignRun } from "./SignRun";
import type { SignatureView } from "./SignatureView";
import type { Signed } from "./Signed";
import type { SkipOccurrence } from "./SkipOccurrence";
import type { Snapshot } from "./Snapshot";
import type { SnapshotRequest } from "./SnapshotRequest";
import type { StartRollback } from "./StartRollback";
import type { StartRun } from "./StartRun";
import type { StartSync } from "./StartSync";
import type { StepRollback } from "./StepRollback";
import type { SubscriptionPage } from "./SubscriptionPage";
import type { SubscriptionRequest } from "./SubscriptionRequest";
import type { SubscriptionRow } from "./SubscriptionRow";
import type { SubscriptionsRequest } from "./SubscriptionsRequest";
import type { TakeCheckpoint } from "./TakeCheckpoint";
import type { TakeContacts } from "./TakeContacts";
import type { TakeRoster } from "./TakeRoster";
import type { TakeSignature } from "./TakeSignature";
import type { TemplateComparison } from "./TemplateComparison";
import type { TemplateDraft } from "./TemplateDraft";
import type { TemplatePage } from "./TemplatePage";
import type { TemplatePreview } from "./TemplatePreview";
import type { TemplateRequest } from "./TemplateRequest";
import type { Templates } from "./Templates";
import type { TemplatesRequest } from "./TemplatesRequest";
import type { TriedExposure } from "./TriedExposure";
import type { TripTrigger } from "./TripTrigger";
import type { TryExposure } from "./TryExposure";
import type { UpgradePreview } from "./UpgradePreview";
import type { UpgradePreviewRequest } from "./UpgradePreviewRequest";
import type { UpgradeRun } from "./UpgradeRun";
import type { Verification } from "./Verification";
import type { VerifyEvidence } from "./VerifyEvidence";
import type { VerifyRequest } from "./VerifyRequest";
import type { WaiveItem } from "./WaiveItem";
import type { Webhooks } from "./Webhooks";
import type { WebhooksRequest } from "./WebhooksRequest";
import type { Workspace } from "./Workspace";
import type { WorkspaceRequest } from "./WorkspaceRequest";
import type { WriteRoster } from "./WriteRoster";
import type { Topic } from "./Topic";

export interface Asks {
  frame: { request: FrameRequest; answer: Frame };
  overview: { request: OverviewRequest; answer: Answer<Overview> };
  alarms: { request: AlarmsRequest; answer: Alarms };
  limits: { request: LimitsRequest; answer: Answer<Limits> };
  revenue: { request: RevenueRequest; answer: Answer<Revenue> };
  revenue_movements: { request: MovementsRequest; answer: Answer<Rows<MovementRow>> };
  figure_rows: { request: FigureRowsRequest; answer: Answer<FigureRows> };
  customers: { request: CustomersRequest; answer: Answer<Rows<CustomerRow>> };
  customer: { request: CustomerRequest; answer: Answer<CustomerPage> };
  subscriptions: { request: SubscriptionsRequest; answer: Answer<Rows<SubscriptionRow>> };
  subscription: { request: SubscriptionRequest; answer: Answer<SubscriptionPage> };
  invoices: { request: InvoicesRequest; answer: Answer<Rows<InvoiceRow>> };
  invoice: { request: InvoiceRequest; answer: Answer<InvoicePage> };
  webhooks: { request: WebhooksRequest; answer: Answer<Webhooks> };
  events: { request: EventsRequest; answer: Answer<Rows<EventRow>> };
  event: { request: EventRequest; answer: Answer<EventPage> };
  search: { request: SearchRequest; answer: SearchResults };
  templates: { request: TemplatesRequest; answer: Templates };
  template: { request: TemplateRequest; answer: TemplatePage };
  template_preview: { request: PreviewTemplate; answer: TemplatePreview };
  template_compare: { request: CompareTemplates; answer: TemplateComparison };
  template_draft: { request: DraftTemplate; answer: TemplateDraft };
  runs: { request: RunsRequest; answer: Runs };
  run: { request: RunRequest; answer: RunPage };
  item: { request: ItemRequest; answer: ItemPage };
  sign_preview: { request: SignPreviewRequest; answer: SignPreview };
  sign_request: { request: ReadSignRequest; answer: SignRequestView };
  signature: { request: ReadSignature; answer: SignatureView };
  gates: { request: GatesRequest; answer: Gates };
  rollback: { request: RollbackRequest; answer: Rollback };
  upgrade_preview: { request: UpgradePreviewRequest; answer: UpgradePreview };
  evidence_preview: { request: PreviewFile; answer: FilePreview };
  evidence_verify: { request: VerifyEvidence; answer: EvidenceFound };
  command_output: { request: CleanOutput; answer: CleanedOutput };
  contacts: { request: ContactsRequest; answer: Contacts };
  schedule: { request: ScheduleRequest; answer: Schedule };
  agenda: { request: AgendaRequest; answer: Agenda };
  snapshot: { request: SnapshotRequest; answer: Snapshot };
  audit: { request: AuditRequest; answer: Audit };
  entry: { request: EntryRequest; answer: EntryPage };
  ledger_verify: { request: VerifyRequest; answer: Verification };
  checkpoint_compare: { request: CompareCheckpoint; answer: Compared };
  environments: { request: EnvironmentsRequest; answer: Environments };
  operators: { request: OperatorsRequest; answer: Operators };
  roster: { request: ReadRoster; answer: RosterView };
  workspace: { request: WorkspaceRequest; answer: Workspace };
  exposure_try: { request: TryExposure; answer: TriedExposure };
}

export interface Acts {
  environment_choose: { request: ChooseEnvironment; answer: Frame };
  operator_choose: { request: ChooseOperator; answer: Frame };
  preferences_set: { request: Preferences; answer: Frame };
  stores_open: { request: FrameRequest; answer: Frame };
  reveal: { request: RevealRequest; answer: Revealed };
  list_export: { request: ListExport; answer: Exported };
  template_import: { request: ImportTemplate; answer: TemplatePage };
  template_edit: { request: EditTemplate; answer: TemplatePage };
  template_duplicate: { request: DuplicateTemplate; answer: TemplatePage };
  template_export: { request: ExportTemplate; answer: RunFile };
  run_start: { request: StartRun; answer: RunPage };
  run_check: { request: CheckRun; answer: RunPage };
  item_confirm: { request: ConfirmItem; answer: ItemPage };
  item_dismiss: { request: DismissItem; answer: ItemPage };
  item_waive: { request: WaiveItem; answer: ItemPage };
  item_note: { request: NoteItem; answer: ItemPage };
  run_export: { request: ExportRun; answer: RunFiles };
  run_sign: { request: SignRun; answer: Signed; secret: string };
  sign_ask: { request: AskToSign; answer: AskedToSign; secret: string };
  sign_answer: { request: AnswerSignRequest; answer: AnsweredRequest; secret: string };
  signature_take: { request: TakeSignature; answer: Signed };
  gate_evaluate: { request: EvaluateGate; answer: Gates };
  gate_open: { request: OpenGate; answer: Gates };
  gate_override: { request: OverrideGate; answer: Gates; secret: string };
  trigger_trip: { request: TripTrigger; answer: Rollback };
  trigger_acknowledge: { request: AcknowledgeTrigger; answer: Rollback };
  trigger_clear: { request: ClearTrigger; answer: Rollback; secret: string };
  rollback_start: { request: StartRollback; answer: Rollback };
  rollback_step: { request: StepRollback; answer: Rollback };
  rollback_end: { request: EndRollback; answer: Rollback; secret: string };
  release_change: { request: ChangeRelease; answer: RunPage };
  window_set: { request: SetWindow; answer: RunPage };
  deployment_record: { request: RecordDeployment; answer: RunPage };
  fingerprints_pin: { request: PinFingerprints; answer: RunPage };
  considerations_set: { request: SetConsiderations; answer: RunPage };
  person_expect: { request: ExpectPerson; answer: RunPage };
  run_upgrade: { request: UpgradeRun; answer: RunPage };
  run_end: { request: EndRun; answer: RunPage };
  field_set: { request: SetField; answer: ItemPage };
  contact_set: { request: SetContact; answer: ItemPage };
  item_attach: { request: AttachFile; answer: ItemPage };
  evidence_save: { request: SaveEvidence; answer: RunFile };
  command_record: { request: RecordCommand; answer: ItemPage };
  item_reopen: { request: ReopenItem; answer: ItemPage };
  item_assign: { request: AssignItem; answer: ItemPage };
  contacts_take: { request: TakeContacts; answer: Contacts };
  agenda_export: { request: ExportAgenda; answer: RunFile };
  report_save: { request: SaveReport; answer: RunFile };
  occurrence_done: { request: DoOccurrence; answer: Schedule };
  occurrence_skip: { request: SkipOccurrence; answer: Schedule };
  ledger_checkpoint: { request: TakeCheckpoint; answer: Checkpoint };
  checkpoint_folder: { request: ChooseSecondFolder; answer: Chain };
  ledger_export: { request: ExportLedger; answer: LedgerFile };
  audit_extract: { request: ExtractEntries; answer: Exported };
  backup_create: { request: CreateBackup; answer: BackupMade };
  backup_restore: { request: RestoreBackup; answer: Restored };
  restored_accept: { request: AcceptRestored; answer: Restored; secret: string };
  environment_add: { request: AddEnvironment; answer: Environment };
  endpoint_expect: { request: ExpectEndpoint; answer: Environment };
  stripe_connect: { request: ConnectStripe; answer: Environment; secret: string };
  database_connect: { request: ConnectDatabase; answer: Environment; secret: string };
  disconnect: { request: Disconnect; answer: Environment };
  operator_add: { request: AddOperator; answer: Operators; secret: string };
  operator_change: { request: ChangeOperator; answer: Operators; secret: string };
  key_change: { request: ChangeKey; answer: Operators; secret: string };
  key_revoke: { request: RevokeKey; answer: Operators; secret: string };
  roster_write: { request: WriteRoster; answer: RosterFile; secret: string };
  roster_take: { request: TakeRoster; answer: Operators; secret: string };
  workspace_set: { request: Workspace; answer: Workspace };
  sync_start: { request: StartSync; answer: JobView };
  job_cancel: { request: CancelJob; answer: JobView };
}

/** The topics an answer is made of: when one changes, what is on screen is asked again. */
export const reads: Record<keyof Asks, readonly Topic[]> = {
  frame: ["settings", "jobs", "mirror"],
  overview: ["mirror", "metrics", "checklists", "settings", "ledger"],
  alarms: ["checklists", "ledger"],
  limits: ["mirror", "metrics", "settings"],
  revenue: ["metrics", "settings"],
  revenue_movements: ["metrics", "settings"],
  figure_rows: ["metrics", "settings"],
  customers: ["mirror"],
  customer: ["mirror"],
  subscriptions: ["mirror"],
  subscription: ["mirror"],
  invoices: ["mirror"],
  invoice: ["mirror"],
  webhooks: ["mirror", "settings"],
  events: ["mirror"],
  event: ["mirror"],
  search: ["mirror"],
  templates: ["checklists"],
  template: ["checklists"],
  template_preview: [],
  template_compare: ["checklists"],
  template_draft: ["checklists"],
  runs: ["checklists"],
  run: ["checklists"],
  item: ["checklists"],
  sign_preview: ["checklists"],
  sign_request: ["settings", "ledger"],
  signature: ["checklists", "settings"],
  gates: ["checklists"],
  rollback: ["checklists", "mirror"],
  upgrade_preview: ["checklists"],
  evidence_preview: [],
  evidence_verify: [],
  command_output: [],
  contacts: ["checklists"],
  schedule: ["checklists", "metrics", "mirror"],
  agenda: ["checklists", "metrics", "mirror"],
  snapshot: [],
  audit: ["ledger"],
  entry: ["ledger"],
  ledger_verify: ["ledger"],
  checkpoint_compare: ["ledger"],
  environments: ["settings"],
  operators: ["settings"],
  roster: ["settings"],
  workspace: ["settings"],
  exposure_try: [],
};
