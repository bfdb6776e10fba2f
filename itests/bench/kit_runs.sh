#!/usr/bin/env bash
# Runs the contract kit on all built-in parts again and again, each time in a new process and with other random numbers.
#
#     CLASSPATH=... itests/bench/kit_runs.sh RUNS FILE
#
# CLASSPATH: the compiled classes and tests of the bundles and what they depend on. FILE gets a line per run, and the
# failures with what they say; runs that are in it are not repeated, so that the script can be ended and started again.
# Start other work beside it to see the kit on a loaded machine.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
runs=$1
file=$(realpath "$2")
touch "$file" || exit 2
cd "$root/bundles/org.riglab.testkit" || exit 2
tests=()
for test in src/test/java/org/riglab/testkit/builtin/*Test.java; do
  name=$(basename "$test" .java)
  [ "$name" = ContractTest ] || tests+=("org.riglab.testkit.builtin.$name")
done
status=0
for ((run = 0; run < runs; run++)); do
  grep -q "^run $run:" "$file" && continue
  begin=$(date +%s)
  said=$( (TIMEFORMAT='cpu %U'; time OMP_NUM_THREADS=1 java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx1g -ea -Driglab.testkit.seed="$run" \
    -cp "$CLASSPATH" org.junit.runner.JUnitCore "${tests[@]}" 2> /dev/null) 2>&1)
  code=$?
  grep -E -A 1 '^[0-9]+\) ' <<< "$said" | grep -v '^--' | sed "s/^/run $run failed /" >> "$file"
  [ $code = 0 ] || status=1
  printf 'run %d: status %d, %s; %d s, %s s, load %s\n' "$run" "$code" "$(grep -E '^(OK|Tests run)' <<< "$said" || echo 'did not end')" \
    $(($(date +%s) - begin)) "$(grep '^cpu ' <<< "$said")" "$(cut -d ' ' -f 1 /proc/loadavg)" >> "$file"
done
grep '^run [0-9]* failed [0-9]*) ' "$file" | sed 's/^run [0-9]* failed [0-9]*) //' | sort | uniq -c | sort -rn
printf '%d runs, %d without a failure\n' "$(grep -c '^run [0-9]*:' "$file")" "$(grep -c '^run [0-9]*: status 0' "$file")"
exit $status
