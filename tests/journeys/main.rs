//! The product's stories, told through the program on the invented company. Each runs in a session of its own.

mod binding;
mod by_file;
mod damage;
mod evidence;
mod exposure;
mod figures;
mod first_thread;
mod ledger;
mod lists;
mod long_list;
mod own;
mod people;
mod reviews;
mod rollout;
mod signing;
mod team;
mod templates;
mod tickets;
mod watch;

/// Runs a story inside a session with a runtime.
macro_rules! story {
    ($name:ident, $path:path) => {
        #[test]
        fn $name() {
            if support::session::enter(stringify!($name)) == support::session::Place::Outside {
                return;
            }
            let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
            runtime.block_on($path()).unwrap();
        }
    };
}

story!(a_company_is_connected_read_and_kept, first_thread::connected_read_and_kept);
story!(figures_are_the_books_and_their_rows, figures::on_a_new_company);
story!(a_checklist_is_signed_and_handed_on, lists::signed_and_exported);
story!(a_long_list_is_kept_and_its_loss_told, long_list::kept_and_lost);
story!(people_are_looked_up_and_stay_masked, people::looked_up_and_masked);
story!(a_rollout_is_opened_rolled_back_and_ended, rollout::opened_rolled_back_and_ended);
story!(dates_are_disposed_reviewed_and_reported, reviews::disposed_reviewed_and_reported);
story!(what_the_program_keeps_it_proves_itself, own::proved);
story!(a_rollout_is_watched_tripped_and_cleared, watch::watched_tripped_and_cleared);
story!(a_share_of_users_holds_and_opens_a_gate, exposure::measured_held_and_let_through);
story!(a_damaged_database_trips_its_indicator, damage::looked_for_and_tripped);
story!(a_gate_is_evaluated_without_being_asked, watch::evaluated_by_itself);
story!(three_of_nine_signatures_come_by_file, by_file::three_of_nine);
story!(a_file_that_is_not_what_it_says_signs_nothing, by_file::refusals);
story!(a_file_is_shown_kept_and_judged, evidence::shown_kept_and_judged);
story!(tickets_are_counted_from_exports, tickets::counted_from_exports);
story!(three_lines_are_signed_by_two_people, signing::by_two_people);
story!(a_ledger_is_looked_after, ledger::looked_after);
story!(a_checklist_of_ones_own_is_changed_and_proved, templates::changed_handed_on_and_proved);
story!(a_connection_that_goes_makes_stale_what_it_proved, binding::pinned_gone_and_pinned_again);
story!(a_run_is_planned_deployed_against_the_plan_and_closed, binding::planned_deployed_and_closed);
