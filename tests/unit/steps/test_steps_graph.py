"""How steps go on to each other, and what a state machine makes of it."""

from __future__ import annotations

import copy

import pytest

from everypath.steps import (
    Catch,
    Chain,
    Choice,
    ChoiceRule,
    Fail,
    Map,
    Parallel,
    Pass,
    State,
    StateMachine,
    StepError,
    Succeed,
    Task,
    Wait,
    sdk,
)

ARN = "arn:aws:lambda:us-east-1:123456789012:function:F"


def names(machine: StateMachine) -> list[str]:
    return list(machine.to_definition()["States"])


@pytest.mark.parametrize(
    "state",
    [
        Task("X", resource=ARN),
        Pass("X"),
        Wait("X", seconds=1),
        Parallel("X", branches=[Pass("A", end=True)]),
        Map("X", item_processor=Pass("A", end=True)),
    ],
)
def test_a_forgotten_next_is_an_error_not_an_end(state: State) -> None:
    with pytest.raises(StepError, match=r"'X' has no next step: call \.next\(…\), or make it with end=True$"):
        StateMachine(state).to_definition()


def test_a_forgotten_next_is_found_inside_a_branch_too() -> None:
    machine = StateMachine(Parallel("P", branches=[Chain([Pass("A"), Pass("B")])], end=True))
    with pytest.raises(StepError, match="Pass 'B' has no next step"):
        machine.to_definition()


def test_a_forgotten_next_is_an_error_in_the_sdks_own_graph_too() -> None:
    with pytest.raises(StepError, match="Pass 'A' has no next step"):
        sdk.Graph(Pass("A"))


@pytest.mark.parametrize("state", [Succeed("X"), Fail("X")])
def test_a_state_that_ends_by_what_it_is_needs_no_end_and_takes_no_next(state: State) -> None:
    assert StateMachine(state).to_definition()["States"]["X"] == {"Type": state.TYPE}
    with pytest.raises(StepError, match="'X' ends the execution: it cannot go on to another step"):
        state.next(Pass("Y"))


def test_a_state_with_end_takes_no_next() -> None:
    with pytest.raises(StepError, match="Pass 'A' ends the execution: it cannot go on to 'B'"):
        Pass("A", end=True).next(Pass("B"))


def test_a_second_next_is_refused_unless_it_says_the_same() -> None:
    first, second = Pass("First"), Pass("Second", end=True)
    first.next(second)
    first.next(second)
    with pytest.raises(StepError, match="Pass 'First' goes on to 'Second' already: it cannot go on to 'Third' too"):
        first.next(Pass("Third"))


def test_next_returns_the_next_step_so_that_calls_can_follow_each_other() -> None:
    start = Pass("A")
    start.next(Pass("B")).next(Wait("C", seconds=1)).next(Succeed("D"))
    assert names(StateMachine(start)) == ["A", "B", "C", "D"]


@pytest.mark.parametrize("target", ["B", None, sdk.Pass("B"), Chain()])
def test_a_next_that_is_no_step_is_refused(target: State) -> None:
    with pytest.raises(StepError, match="Pass 'A': Next must be a state"):
        Pass("A").next(target)


def test_what_steps_are_told_after_the_machine_was_made_counts() -> None:
    start = Pass("A")
    machine = StateMachine(start)
    start.next(Pass("B", end=True))
    assert names(machine) == ["A", "B"]


def test_a_cycle_is_rendered_once() -> None:
    call, wait = Task("Call", resource=ARN), Wait("Wait", seconds=1)
    call.add_catch(Catch(error_equals=["States.ALL"], next_step=wait))
    call.next(Succeed("Done"))
    wait.next(call)
    states = StateMachine(call).to_definition()["States"]
    assert list(states) == ["Call", "Done", "Wait"]
    assert states["Wait"]["Next"] == "Call"


def test_a_state_can_go_on_to_itself() -> None:
    again = Choice("Again?")
    again.add_choice(ChoiceRule.BooleanEquals("$.again", True), again)
    again.default_choice(Succeed("Done"))
    assert names(StateMachine(again)) == ["Again?", "Done"]


def test_states_come_in_the_order_in_which_a_reader_meets_them() -> None:
    start = Task(
        "Start",
        resource=ARN,
        catch=[
            Catch(error_equals=["A"], next_step=Chain([Pass("Handler A"), Fail("Failed A")])),
            Catch(error_equals=["B"], next_step=Fail("Failed B")),
        ],
    )
    start.next(Pass("Then")).next(Succeed("Done"))
    assert names(StateMachine(start)) == ["Start", "Then", "Done", "Handler A", "Failed A", "Failed B"]


def test_a_machine_of_thousands_of_states_is_rendered() -> None:
    # The SDK walks by recursion and fails at about a thousand.
    start = state = Pass("0")
    for number in range(1, 3000):
        state = state.next(Pass(str(number)))
    state.next(Succeed("Done"))
    assert len(names(StateMachine(start))) == 3001


def test_two_states_of_one_name_are_refused() -> None:
    start = Pass("Same")
    start.next(Wait("Same", seconds=1)).next(Succeed("Done"))
    with pytest.raises(StepError, match=r"two states are called 'Same' \(Pass and Wait\): names must be unique"):
        StateMachine(start).to_definition()


def test_two_states_of_one_name_are_refused_across_branches() -> None:
    parallel = Parallel("P", branches=[Pass("Same", end=True), Pass("Same", end=True)], end=True)
    with pytest.raises(StepError, match=r"two states are called 'Same'"):
        StateMachine(parallel).to_definition()
    with pytest.raises(StepError, match=r"two states are called 'M' \(Map and Pass\)"):
        StateMachine(Map("M", item_processor=Pass("M", end=True), end=True)).to_definition()


def test_a_transition_cannot_leave_its_branch() -> None:
    done = Succeed("Done")
    inner = Pass("Inner")
    inner.next(done)
    parallel = Parallel("P", branches=[inner])
    parallel.next(done)
    with pytest.raises(StepError, match="Succeed 'Done' is used in two branches, or inside and outside of one"):
        StateMachine(parallel).to_definition()


def test_a_state_cannot_be_inside_itself() -> None:
    loop = Map("M", end=True)
    loop.attach_iterator(loop)
    with pytest.raises(StepError, match="Map 'M' is used in two branches, or inside and outside of one"):
        StateMachine(loop).to_definition()


def test_a_parallel_without_branches_is_refused() -> None:
    with pytest.raises(StepError, match="Parallel 'P': Branches: Value cannot be empty"):
        StateMachine(Parallel("P", end=True)).to_definition()


def test_a_map_without_an_item_processor_is_refused() -> None:
    with pytest.raises(StepError, match=r"Map 'M': ItemProcessor: These fields are required: \[States, StartAt\]"):
        StateMachine(Map("M", end=True)).to_definition()


def test_a_choice_without_choices_is_refused() -> None:
    choice = Choice("C")
    choice.default_choice(Succeed("S"))
    with pytest.raises(StepError, match="Choice 'C': Choices: Value cannot be empty"):
        StateMachine(choice).to_definition()


def test_branches_can_be_added_one_by_one_as_in_the_sdk() -> None:
    parallel = Parallel("P", end=True)
    parallel.add_branch(Pass("A", end=True))
    parallel.add_branch(Chain([Pass("B"), Succeed("C")]))
    branches = StateMachine(parallel).to_definition()["States"]["P"]["Branches"]
    assert [branch["StartAt"] for branch in branches] == ["A", "B"]


def test_an_item_processor_can_be_replaced_as_in_the_sdk() -> None:
    state = Map("M", item_processor=Pass("Old", end=True), end=True)
    state.attach_iterator(Pass("New", end=True))
    assert StateMachine(state).to_definition()["States"]["M"]["ItemProcessor"]["StartAt"] == "New"


def test_a_machine_that_never_ends_is_refused() -> None:
    first, second = Pass("A"), Pass("B")
    first.next(second).next(first)
    with pytest.raises(StepError, match=r"^StateMachine: Workflow has no terminal state$"):
        StateMachine(first).to_definition()


def test_everything_that_is_wrong_is_told_at_once() -> None:
    inner = Parallel("Inner", branches=[Pass("A", end=True), Pass("B", result_path="$.a", end=True)], end=True)
    outer = Map("Outer", items_path="$.items", item_processor=inner, end=True)
    with pytest.raises(StepError) as refusal:
        StateMachine(outer, query_language="JSONata").to_definition()
    sentence = (
        "The QueryLanguage is set to 'JSONata', but field '{}' is only supported for the 'JSONPath' QueryLanguage"
    )
    assert str(refusal.value).splitlines() == [
        "2 problems",
        f"  Map 'Outer': {sentence.format('ItemsPath')}",
        f"  Pass 'B': {sentence.format('ResultPath')}",
    ]


def test_the_sdks_chain_says_what_comes_next() -> None:
    chain = Chain([Pass("A"), Pass("B")])
    chain.append(Succeed("C"))
    assert names(StateMachine(chain)) == ["A", "B", "C"]


def test_a_chain_can_be_a_start_a_next_a_catchers_next_and_a_choice() -> None:
    choice = Choice("Which?")
    choice.add_choice(ChoiceRule.IsPresent("$.a", True), Chain([Pass("A"), Succeed("A done")]))
    choice.default_choice(Chain([Pass("B"), Succeed("B done")]))
    task = Task("T", resource=ARN, catch=Catch(error_equals=["E"], next_step=Chain([Pass("C"), Fail("D")])))
    definition = StateMachine(Chain([task, Chain([Pass("Then"), choice])])).to_definition()
    assert definition["StartAt"] == "T"
    assert definition["States"]["T"]["Catch"][0]["Next"] == "C"
    assert definition["States"]["Which?"] == {
        "Type": "Choice",
        "Choices": [{"Variable": "$.a", "IsPresent": True, "Next": "A"}],
        "Default": "B",
    }
    assert list(definition["States"]) == ["T", "Then", "Which?", "A", "A done", "B", "B done", "C", "D"]


def test_a_choice_in_a_chain_has_what_follows_as_its_default_as_in_the_sdk() -> None:
    choice = Choice("C")
    choice.add_choice(ChoiceRule.IsNull("$.a", True), Fail("F"))
    assert StateMachine(Chain([choice, Succeed("S")])).to_definition()["States"]["C"]["Default"] == "S"


def test_a_chain_cannot_go_on_after_an_end() -> None:
    with pytest.raises(StepError, match="Fail 'F' ends the execution"):
        Chain([Fail("F"), Pass("P")])


def test_a_state_of_a_chain_that_nothing_leads_to_is_refused() -> None:
    chain = Chain([Pass("A"), Pass("B", end=True)])
    chain.steps.append(Pass("C", end=True))
    with pytest.raises(StepError, match="a chain has 'C' after 'B', but no state leads to it"):
        StateMachine(chain).to_definition()


def test_the_sdks_own_graph_makes_the_same_of_these_steps() -> None:
    parallel = Parallel("P", branches=[Map("M", item_processor=Pass("I", end=True), end=True)])
    start = Task("T", resource=ARN, catch=Catch(error_equals=["E"], next_step=Fail("F")))
    start.next(parallel).next(Succeed("S"))
    assert sdk.Graph(start, comment="c").to_dict() == StateMachine(start, comment="c").to_definition()


def test_a_copy_of_a_state_is_a_state_of_its_own() -> None:
    first = Pass("A", result={"a": 1}, end=True)
    second = copy.deepcopy(first)
    second.fields["result"]["a"] = 2
    assert first.to_dict()["Result"] == {"a": 1}
    assert second.to_dict() == {"Type": "Pass", "Result": {"a": 2}, "End": True}
