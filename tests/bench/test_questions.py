"""The five questions are the shared ones."""

from bench.questions import HERE, QUESTIONS

SHARED = HERE.parents[1] / "shared" / "bench"


def test_there_are_five_questions():
    assert list(QUESTIONS) == ["q1", "q2", "q3", "q4", "q5"]


def test_the_questions_are_the_shared_ones_where_those_are_at_hand():
    for path in SHARED.glob("q[1-5].graphql"):
        assert QUESTIONS[path.stem] == path.read_text(), f"{path.name} differs"
