"""Tests that go over many networks or pages, train, or start processes: too long for a quick loop.

They are marked `thorough` by their names; `.ci/run` passes them all.
"""

TESTS = frozenset(
    (
        "test_a_page_goes_on",
        "test_a_session_holds_no_trace_and_no_network",
        "test_questions_are_answered_by_training",
        "test_the_head_is_on_every_page_of_the_session",
        "test_another_backbone_can_be_taught_too",
        "test_every_example_opens_and_is_measured",
        "test_the_page_opens_on_every_family_in_both_halves",
        "test_the_code_on_the_page_has_the_loss_of_the_first_batch",
        "test_a_session_that_is_not_connected_can_be_closed",
        "test_imagenet_weights_come_by_a_button_and_are_used",
        "test_the_page_shows_what_the_engine_finds",
        "test_whatever_an_address_says_is_understood_or_left_out_with_a_sentence",
        "test_accuracy_on_500_photographs_is_that_of_the_card",
        "test_among_ten_classes_the_best_network_is_right_as_often_as_its_card_says",
        "test_published_checkpoints_fit",
        "test_a_trace_is_the_forward_pass_step_by_step",
        "test_torchvisions_numbered_layers_get_the_papers_names",
        "test_eight_threads_do_not_mix",
        "test_nothing_is_left_behind",
        "test_eight_at_once_do_not_notice_each_other",
        "test_visitors_side_by_side_teach_the_same_backbone",
        "test_the_parts_of_any_number_make_what_the_trace_holds",
        "test_the_gradient_is_nonzero_exactly_in_the_receptive_field",
        "test_integrated_gradients_add_up_to_the_difference",
        "test_nothing_is_left_on_the_network_also_when_it_is_stopped",
        "test_every_relu_of_the_graph_is_a_module_of_its_own",
        "test_every_step_has_a_way_back_to_what_it_can_see",
        "test_every_step_but_relu_and_normalisation_sends_back_its_exact_transpose",
        "test_the_whole_way_is_the_gradient_with_the_papers_rule_for_relus",
        "test_parameters_and_multiply_adds_are_those_of_the_built_network",
        "test_every_edition_has_features",
        "test_the_order_of_pictures_and_the_seed_change_nothing_of_the_head",
        "test_the_real_mnist_is_learned",
        "test_every_recipe_trains_its_network",
        "test_a_training_that_was_killed_goes_on_to_the_same_weights",
        "test_what_is_imitated_is_known_after_a_stop",
        "test_the_largest_pictures_stay_below_500_mb",
        "test_names_stay_the_user_s_before_while_and_after_the_site_runs",
        "test_the_wheel_holds_the_whole_site",
        "test_every_kind_of_path_has_the_headers",
        "test_streamlit_does_not_look_whether_this_is_a_prompt",
        "test_a_process_of_its_own_prints_the_same",
        "test_no_lab_loads_pytorch_s_compiler",
        "test_captum_is_not_loaded_before_it_is_needed",
        "test_every_network_answers_on_an_uploaded_photograph",
        "test_windows_of_every_kind_are_explained",
        "test_steps_written_down_are_those_of_the_graph",
        "test_the_last_layer_groups_known_kinds_better_than_the_pixels",
        "test_the_example_is_learned_from_what_the_backbone_sees",
        "test_what_is_remembered_is_what_would_be_worked_out",
        "test_guided_backprop_is_not_the_plain_gradient",
        "test_trace_prints_every_step_of_vgg16_as_json",
        "test_explore_serves_the_page_on_the_users_network",
        "test_an_archive_on_the_page_gives_a_sheet_a_table_and_sentences",
        "test_what_was_made_for_a_session_goes_with_it",
        "test_the_box_is_tight_where_every_path_is_open",
        "test_answers_are_those_of_one_picture_at_a_time",
        "test_a_site_gives_back_what_was_freed",
        "test_effects_are_interventions_one_by_one",
    )
)

FILES = frozenset(
    (
        "tests/ali5/site/test_serving.py",
        "tests/ali5/test_device_law.py",
        "tests/app/classify/test_group.py",
        "tests/app/classify/test_teach.py",
        "tests/app/test_device.py",
    )
)
"""All of these: run them, too, when you work on what they are about."""
