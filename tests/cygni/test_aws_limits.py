from __future__ import annotations

import pytest

from cygni.aws_limits import FARGATE_MEMORY, sizes_in_words


class TestSizesInWords:
    @pytest.mark.parametrize(
        ("cpu", "words"),
        [
            (256, "512, 1024 or 2048"),
            (512, "1024 to 4096 in steps of 1024"),
            (16384, "32768 to 122880 in steps of 8192"),
        ],
    )
    def test_tells_the_memory_that_goes_with_a_cpu(self, cpu: int, words: str) -> None:
        assert sizes_in_words(FARGATE_MEMORY[cpu]) == words

    def test_tells_every_cpu(self) -> None:
        assert sizes_in_words(tuple(FARGATE_MEMORY)) == "256, 512, 1024, 2048, 4096, 8192 or 16384"
