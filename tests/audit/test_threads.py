from threadpoolctl import threadpool_info

from vlmdiag_widgets.audit.threads import one_thread


def blas_threads():
    return {
        pool["filepath"]: pool["num_threads"]
        for pool in threadpool_info()
        if pool["user_api"] == "blas"
    }


def test_one_thread_inside_and_as_before_outside():
    before = blas_threads()
    assert before
    with one_thread():
        assert set(blas_threads().values()) == {1}
    assert blas_threads() == before
