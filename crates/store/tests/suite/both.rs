//! What every backend is held to: the functions of the common suite, each at a place of its own.

/// Makes a test of each function, at a kind of place.
macro_rules! suite {
    ($place:ty) => {
        $crate::both::common!($place);

        #[test]
        fn the_store_shows_what_a_naive_model_shows() {
            $crate::editions::the_store_shows_what_a_naive_model_shows::<$place>();
        }
    };
}

/// The same without what takes longest.
macro_rules! common {
    ($place:ty) => {
        $crate::both::tests! { $place;
            rows:
                a_contact_is_found_by_its_id
                contacts_come_in_pages_of_a_company_and_a_country
                a_record_is_found_and_how_its_contact_stands
                records_of_a_contact_come_in_pages
                records_of_a_category_come_across_contacts
                records_collected_for_a_purpose_come_across_contacts
                records_that_end_are_found_by_their_end
                a_record_is_revised_in_its_place
                many_records_are_revised_together_or_not_at_all
                records_about_an_object_are_found_and_closed
                records_are_found_by_many_keys_and_removed
                a_hash_leads_to_its_targets_in_order
                a_hash_of_many_leads_to_a_bounded_number
                objects_come_in_pages_of_a_company_a_whole_and_a_state
                entries_are_found_by_prefix
                an_empty_store_answers_with_nothing;
            conformance:
                a_batch_is_applied_only_if_what_it_expects_holds
                a_batch_that_fails_leaves_nothing
                of_those_who_race_for_one_version_one_wins
                every_entry_of_the_audit_is_in_the_chain_once
                an_entry_says_where_the_audit_tells_of_its_batch
                the_feed_names_each_target_of_a_batch_once
                what_is_acknowledged_is_there_after_opening_again
                two_handles_share_rows_feed_and_chain
                a_batch_can_be_committed_from_anywhere
                what_decides_is_not_older_than_what_is_read;
            editions:
                rows_of_an_edition_are_seen_when_it_is_published
                a_discarded_edition_leaves_nothing
                editions_rise_and_are_open_until_published_or_discarded
                an_edition_cannot_hide_a_contact
                an_import_expects_what_it_has_written_itself;
            erasure:
                an_erased_contact_leaves_only_its_id
                nothing_tells_that_something_was_collected_of_the_erased
                what_must_be_kept_has_a_key_of_its_own
                an_erased_contact_stays_dead
                an_erasure_must_make_sense
                an_erasure_takes_what_an_import_has_brought;
        }
    };
}

macro_rules! tests {
    ($place:ty; $($module:ident: $($name:ident)*;)*) => { $($(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            let place = <$place as $crate::make::Place>::new();
            $crate::$module::$name(&$crate::make::Place::location(&place)).await;
        }
    )*)* };
}

pub(crate) use {common, suite, tests};
