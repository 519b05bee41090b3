//! The contract: one line per thing the outside may ask. Both shells and the page's types are made from this list.
//!
//! `ask` changes nothing and may be repeated; it says which topics its answer is made of. `act` may change things and
//! carries a request id, so that repeating it adds nothing; it says which topics it made stale. A `secret` arrives beside
//! the request and goes to the keychain; no line gives one back.

/// Hands the whole list to the macro named in the call.
///
/// **Shape**: `verb name = function(Request[, secret]) -> Answer, reads|changes [topics];`
#[macro_export]
macro_rules! contract {
    ($expand:ident) => {
        $expand! {
            ask frame = frame::view(frame::FrameRequest) -> frame::Frame, reads [Settings, Jobs, Mirror];
            act environment_choose = frame::choose_environment(frame::ChooseEnvironment) -> frame::Frame, changes [Settings];
            act operator_choose = frame::choose_operator(frame::ChooseOperator) -> frame::Frame, changes [Settings];
            act preferences_set = frame::set_preferences(frame::Preferences) -> frame::Frame, changes [Settings];
            act stores_open = frame::reopen(frame::FrameRequest) -> frame::Frame, changes [Settings, Ledger, Mirror, Checklists];

            ask overview = overview::view(overview::OverviewRequest) -> answer::Answer<overview::Overview>, reads [Mirror, Metrics, Checklists, Settings, Ledger];
            ask alarms = overview::alarms(overview::AlarmsRequest) -> overview::Alarms, reads [Checklists, Ledger];
            ask limits = limits::view(limits::LimitsRequest) -> answer::Answer<limits::Limits>, reads [Mirror, Metrics, Settings];
            ask revenue = revenue::view(revenue::RevenueRequest) -> answer::Answer<revenue::Revenue>, reads [Metrics, Settings];
            ask revenue_movements = revenue::movements(revenue::MovementsRequest) -> answer::Answer<answer::Rows<revenue::MovementRow>>, reads [Metrics, Settings];
            ask figure_rows = revenue::figure_rows(revenue::FigureRowsRequest) -> answer::Answer<revenue::FigureRows>, reads [Metrics, Settings];
            ask customers = customers::list(customers::CustomersRequest) -> answer::Answer<customers::Customers>, reads [Mirror];
            ask customer = customers::page(customers::CustomerRequest) -> answer::Answer<customers::CustomerPage>, reads [Mirror];
            act reveal = customers::reveal(customers::RevealRequest) -> customers::Revealed, changes [Ledger];
            ask subscriptions = subscriptions::list(subscriptions::SubscriptionsRequest) -> answer::Answer<subscriptions::Subscriptions>, reads [Mirror];
            ask subscription = subscriptions::page(subscriptions::SubscriptionRequest) -> answer::Answer<subscriptions::SubscriptionPage>, reads [Mirror];
            ask invoices = invoices::list(invoices::InvoicesRequest) -> answer::Answer<invoices::Invoices>, reads [Mirror];
            ask invoice = invoices::page(invoices::InvoiceRequest) -> answer::Answer<invoices::InvoicePage>, reads [Mirror];
            ask webhooks = webhooks::view(webhooks::WebhooksRequest) -> answer::Answer<webhooks::Webhooks>, reads [Mirror, Settings];
            ask events = webhooks::events(webhooks::EventsRequest) -> answer::Answer<webhooks::Events>, reads [Mirror];
            ask event = webhooks::event(webhooks::EventRequest) -> answer::Answer<webhooks::EventPage>, reads [Mirror];
            ask search = search::find(search::SearchRequest) -> search::SearchResults, reads [Mirror];
            act list_export = exports::list(exports::ListExport) -> exports::Exported, changes [Ledger];

            ask templates = checklists::templates::list(checklists::templates::TemplatesRequest) -> checklists::templates::Templates, reads [Checklists];
            ask template = checklists::templates::page(checklists::templates::TemplateRequest) -> checklists::templates::TemplatePage, reads [Checklists];
            ask template_preview = checklists::import::preview(checklists::import::PreviewTemplate) -> checklists::import::TemplatePreview, reads [];
            act template_import = checklists::import::import(checklists::import::ImportTemplate) -> checklists::templates::TemplatePage, changes [Checklists, Ledger];
            ask template_compare = checklists::versions::compare(checklists::versions::CompareTemplates) -> checklists::versions::TemplateComparison, reads [Checklists];
            ask template_draft = checklists::drafts::draft(checklists::drafts::DraftTemplate) -> checklists::drafts::TemplateDraft, reads [Checklists];
            act template_edit = checklists::drafts::edit(checklists::drafts::EditTemplate) -> checklists::templates::TemplatePage, changes [Checklists, Ledger];
            act template_duplicate = checklists::drafts::duplicate(checklists::drafts::DuplicateTemplate) -> checklists::templates::TemplatePage, changes [Checklists, Ledger];
            act template_export = checklists::versions::export(checklists::versions::ExportTemplate) -> checklists::exports::RunFile, changes [Ledger];
            ask runs = checklists::runs::list(checklists::runs::RunsRequest) -> checklists::runs::Runs, reads [Checklists];
            ask run = checklists::runs::page(checklists::runs::RunRequest) -> checklists::runs::RunPage, reads [Checklists];
            ask item = checklists::items::item(checklists::items::ItemRequest) -> checklists::items::ItemPage, reads [Checklists];
            act run_start = checklists::runs::start(checklists::runs::StartRun) -> checklists::runs::RunPage, changes [Checklists, Ledger];
            act run_check = checklists::runs::check(checklists::runs::CheckRun) -> checklists::runs::RunPage, changes [Checklists, Ledger];
            act item_confirm = checklists::items::confirm(checklists::items::ConfirmItem) -> checklists::items::ItemPage, changes [Checklists, Ledger];
            act item_dismiss = checklists::items::dismiss(checklists::items::DismissItem) -> checklists::items::ItemPage, changes [Checklists, Ledger];
            act item_waive = checklists::items::waive(checklists::items::WaiveItem) -> checklists::items::ItemPage, changes [Checklists, Ledger];
            act item_note = checklists::items::note(checklists::items::NoteItem) -> checklists::items::ItemPage, changes [Checklists, Ledger];
            ask sign_preview = checklists::sign::preview(checklists::sign::SignPreviewRequest) -> checklists::sign::SignPreview, reads [Checklists];
            act run_export = checklists::exports::export(checklists::exports::ExportRun) -> checklists::exports::RunFiles, changes [Checklists, Ledger];
            act run_sign = checklists::sign::sign(checklists::sign::SignRun, secret) -> checklists::sign::Signed, changes [Checklists, Ledger];
            act sign_ask = checklists::sign::request::ask(checklists::sign::request::AskToSign, secret) -> checklists::sign::request::AskedToSign, changes [Checklists, Ledger];
            ask sign_request = checklists::sign::answer::read(checklists::sign::answer::ReadSignRequest) -> checklists::sign::answer::SignRequestView, reads [Settings, Ledger];
            act sign_answer = checklists::sign::answer::sign(checklists::sign::answer::AnswerSignRequest, secret) -> checklists::sign::answer::AnsweredRequest, changes [Ledger];
            ask signature = checklists::sign::receive::read(checklists::sign::receive::ReadSignature) -> checklists::sign::receive::SignatureView, reads [Checklists, Settings];
            act signature_take = checklists::sign::receive::take(checklists::sign::receive::TakeSignature) -> checklists::sign::Signed, changes [Checklists, Ledger];
            ask gates = checklists::gates::view(checklists::gates::GatesRequest) -> checklists::gates::Gates, reads [Checklists];
            act gate_evaluate = checklists::gates::evaluate(checklists::gates::EvaluateGate) -> checklists::gates::Gates, changes [Checklists, Ledger];
            act gate_open = checklists::gates::open(checklists::gates::OpenGate) -> checklists::gates::Gates, changes [Checklists, Ledger];
            act gate_override = checklists::gates::override_gate(checklists::gates::OverrideGate, secret) -> checklists::gates::Gates, changes [Checklists, Ledger];
            ask rollback = checklists::rollback::view(checklists::rollback::RollbackRequest) -> checklists::rollback::Rollback, reads [Checklists, Mirror];
            act trigger_trip = checklists::rollback::trip(checklists::rollback::TripTrigger) -> checklists::rollback::Rollback, changes [Checklists, Ledger];
            act trigger_acknowledge = checklists::rollback::acknowledge(checklists::rollback::AcknowledgeTrigger) -> checklists::rollback::Rollback, changes [Checklists, Ledger];
            act trigger_clear = checklists::rollback::clear(checklists::rollback::ClearTrigger, secret) -> checklists::rollback::Rollback, changes [Checklists, Ledger];
            act rollback_start = checklists::rollback::start(checklists::rollback::StartRollback) -> checklists::rollback::Rollback, changes [Checklists, Ledger];
            act rollback_step = checklists::rollback::step(checklists::rollback::StepRollback) -> checklists::rollback::Rollback, changes [Checklists, Ledger];
            act rollback_end = checklists::rollback::end(checklists::rollback::EndRollback, secret) -> checklists::rollback::Rollback, changes [Checklists, Ledger];
            act release_change = checklists::course::change_release(checklists::course::ChangeRelease) -> checklists::runs::RunPage, changes [Checklists, Ledger];
            act window_set = checklists::course::set_window(checklists::course::SetWindow) -> checklists::runs::RunPage, changes [Checklists, Ledger];
            act deployment_record = checklists::course::record_deployment(checklists::course::RecordDeployment) -> checklists::runs::RunPage, changes [Checklists, Ledger];
            act fingerprints_pin = checklists::course::pin(checklists::course::PinFingerprints) -> checklists::runs::RunPage, changes [Checklists, Ledger];
            act considerations_set = checklists::form::set_considerations(checklists::form::SetConsiderations) -> checklists::runs::RunPage, changes [Checklists, Ledger];
            act person_expect = checklists::expected::expect(checklists::expected::ExpectPerson) -> checklists::runs::RunPage, changes [Checklists, Ledger];
            act run_upgrade = checklists::course::upgrade(checklists::course::UpgradeRun) -> checklists::runs::RunPage, changes [Checklists, Ledger];
            act run_end = checklists::course::end(checklists::course::EndRun) -> checklists::runs::RunPage, changes [Checklists, Ledger];
            ask upgrade_preview = checklists::course::preview_upgrade(checklists::course::UpgradePreviewRequest) -> checklists::course::UpgradePreview, reads [Checklists];
            act field_set = checklists::fields::set(checklists::fields::SetField) -> checklists::items::ItemPage, changes [Checklists, Ledger];
            act contact_set = checklists::contacts::set_contact(checklists::contacts::SetContact) -> checklists::items::ItemPage, changes [Checklists, Ledger];
            ask evidence_preview = checklists::attach::preview(checklists::attach::PreviewFile) -> checklists::attach::FilePreview, reads [];
            act item_attach = checklists::attach::attach(checklists::attach::AttachFile) -> checklists::items::ItemPage, changes [Checklists, Ledger];
            ask evidence_verify = checklists::evidence::verify(checklists::evidence::VerifyEvidence) -> checklists::evidence::EvidenceFound, reads [];
            act evidence_save = checklists::evidence::save(checklists::evidence::SaveEvidence) -> checklists::exports::RunFile, changes [Ledger];
            act command_record = checklists::fields::ran(checklists::fields::RecordCommand) -> checklists::items::ItemPage, changes [Checklists, Ledger];
            ask command_output = checklists::fields::clean(checklists::fields::CleanOutput) -> checklists::fields::CleanedOutput, reads [];
            act item_reopen = checklists::fields::reopen(checklists::fields::ReopenItem) -> checklists::items::ItemPage, changes [Checklists, Ledger];
            act item_assign = checklists::fields::assign(checklists::fields::AssignItem) -> checklists::items::ItemPage, changes [Checklists, Ledger];
            ask contacts = checklists::contacts::contacts(checklists::contacts::ContactsRequest) -> checklists::contacts::Contacts, reads [Checklists];
            act contacts_take = checklists::contacts::take(checklists::contacts::TakeContacts) -> checklists::contacts::Contacts, changes [Checklists, Ledger];
            ask schedule = checklists::schedule::view(checklists::schedule::ScheduleRequest) -> checklists::schedule::Schedule, reads [Checklists, Metrics, Mirror];
            act agenda_export = checklists::agenda::export(checklists::agenda::ExportAgenda) -> checklists::exports::RunFile, changes [Ledger];
            ask agenda = checklists::schedule::agenda(checklists::schedule::AgendaRequest) -> checklists::schedule::Agenda, reads [Checklists, Metrics, Mirror];
            ask snapshot = checklists::snapshot::view(checklists::snapshot::SnapshotRequest) -> checklists::snapshot::Snapshot, reads [];
            act report_save = checklists::report::save::save(checklists::report::save::SaveReport) -> checklists::exports::RunFile, changes [Ledger];
            act occurrence_done = checklists::schedule::done(checklists::schedule::DoOccurrence) -> checklists::schedule::Schedule, changes [Checklists, Ledger];
            act occurrence_skip = checklists::schedule::skip(checklists::schedule::SkipOccurrence) -> checklists::schedule::Schedule, changes [Checklists, Ledger];

            ask audit = audit::list(audit::AuditRequest) -> audit::Audit, reads [Ledger];
            ask entry = audit::entry(audit::EntryRequest) -> audit::EntryPage, reads [Ledger];
            ask ledger_verify = audit::verify(audit::VerifyRequest) -> audit::Verification, reads [Ledger];
            ask checkpoint_compare = audit::compare(audit::CompareCheckpoint) -> audit::Compared, reads [Ledger];
            act ledger_checkpoint = audit::checkpoint(audit::TakeCheckpoint) -> audit::Checkpoint, changes [Ledger];
            act checkpoint_folder = audit::second::choose(audit::second::ChooseSecondFolder) -> audit::Chain, changes [Ledger];
            act ledger_export = audit::export(audit::ExportLedger) -> audit::LedgerFile, changes [Ledger];
            act audit_extract = audit::extract(audit::ExtractEntries) -> exports::Exported, changes [Ledger];

            act backup_create = backup::create(backup::CreateBackup) -> backup::BackupMade, changes [Ledger];
            act backup_restore = backup::restore(backup::RestoreBackup) -> backup::Restored, changes [Settings, Ledger, Checklists];
            act restored_accept = backup::accept(backup::AcceptRestored, secret) -> backup::Restored, changes [Ledger];

            ask environments = settings::environments::list(settings::environments::EnvironmentsRequest) -> settings::environments::Environments, reads [Settings];
            act environment_add = settings::environments::add(settings::environments::AddEnvironment) -> settings::environments::Environment, changes [Settings, Ledger];
            act endpoint_expect = settings::environments::expect_endpoint(settings::environments::ExpectEndpoint) -> settings::environments::Environment, changes [Settings, Ledger];
            act stripe_connect = settings::connections::stripe(settings::connections::ConnectStripe, secret) -> settings::environments::Environment, changes [Settings, Ledger, Checklists];
            act database_connect = settings::connections::database(settings::connections::ConnectDatabase, secret) -> settings::environments::Environment, changes [Settings, Ledger, Checklists];
            act disconnect = settings::connections::disconnect(settings::connections::Disconnect) -> settings::environments::Environment, changes [Settings, Ledger, Checklists];
            ask operators = settings::operators::list(settings::operators::OperatorsRequest) -> settings::operators::Operators, reads [Settings];
            act operator_add = settings::operators::add(settings::operators::AddOperator, secret) -> settings::operators::Operators, changes [Settings, Ledger];
            act operator_change = settings::operators::change::change(settings::operators::change::ChangeOperator, secret) -> settings::operators::Operators, changes [Settings, Ledger];
            act key_change = settings::operators::change::change_key(settings::operators::change::ChangeKey, secret) -> settings::operators::Operators, changes [Settings, Ledger];
            act key_revoke = settings::operators::revoke::revoke(settings::operators::revoke::RevokeKey, secret) -> settings::operators::Operators, changes [Settings, Ledger];
            act roster_write = settings::operators::roster::write(settings::operators::roster::WriteRoster, secret) -> settings::operators::roster::RosterFile, changes [Ledger];
            ask roster = settings::operators::roster::read(settings::operators::roster::ReadRoster) -> settings::operators::roster::RosterView, reads [Settings];
            act roster_take = settings::operators::roster::take(settings::operators::roster::TakeRoster, secret) -> settings::operators::Operators, changes [Settings, Ledger];
            ask workspace = settings::workspace::view(settings::workspace::WorkspaceRequest) -> countersign_domain::workspace::Workspace, reads [Settings];
            ask exposure_try = settings::exposure::attempt(settings::exposure::TryExposure) -> settings::exposure::TriedExposure, reads [];
            act workspace_set = settings::workspace::set(countersign_domain::workspace::Workspace) -> countersign_domain::workspace::Workspace, changes [Settings, Ledger, Metrics];

            act sync_start = jobs::refresh::start(jobs::StartSync) -> jobs::JobView, changes [Jobs];
            act job_cancel = jobs::refresh::cancel(jobs::CancelJob) -> jobs::JobView, changes [Jobs];
        }
    };
}
