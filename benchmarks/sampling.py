"""CPU time and the most memory of a server's processes over a span of time."""

import threading

import processes


class Sampler:
    """From now until `stop`; of nothing where there is no `pid`."""

    def __init__(self, pid: int | None) -> None:
        self._pid = pid
        self._stopping = threading.Event()
        self._before = processes.cost(pid) if pid else processes.Cost(0.0, 0)
        self._peak_bytes = self._before.resident_bytes
        self._thread = threading.Thread(target=self._sample, daemon=True)
        self._thread.start()

    def _sample(self) -> None:
        while self._pid and not self._stopping.wait(0.25):
            self._peak_bytes = max(self._peak_bytes, processes.cost(self._pid).resident_bytes)

    def stop(self) -> processes.Cost:
        self._stopping.set()
        self._thread.join()
        if self._pid is None:
            return processes.Cost(0.0, 0)
        after = processes.cost(self._pid)
        return processes.Cost(after.cpu_s - self._before.cpu_s, self._peak_bytes)
