#!/bin/sh
# Lint, tests with doctests, and the notebooks: compared with their committed outputs where full
# MNIST is at hand, executed on the 5k sample where it is not.
set -eu
bin=.venv/bin
sh .ci/lint.sh

export DIGITLIB_PROGRESS=0
source=$($bin/python -m digitlib.data.mnist)
export DIGITLIB_DATA="$source"
notebooks=--nbval
if [ "$source" = sample ]; then
    echo "notebooks: full MNIST is not at hand, so they are executed on the 5k sample instead of compared"
    notebooks=--nbval-lax
fi
# Each on one processor, or they would wait for each other's threads.
export DIGITLIB_THREADS=1 TF_NUM_INTRAOP_THREADS=1 TF_NUM_INTEROP_THREADS=1 OMP_NUM_THREADS=1
# Three files at a time, also on two cores: many tests wait for a browser, a server or a kernel.
exec $bin/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder \
    $notebooks --nbval-current-env --nbval-cell-timeout=600 notebooks tests digitlib
