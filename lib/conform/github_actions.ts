/**
 * A GitHub Actions workflow that grades a student's repository at every push.
 *
 * @module
 */

/** The text of `.github/workflows/grade.yml`. */
export const GITHUB_ACTIONS_EXAMPLE =
  `# Grades this repository with noobcash conform, at every push.
# Needs adapter.yaml beside the sources, and the packed program: put its address into the variable
# NOOBCASH_URL of the repository or the classroom (deno task pack makes the file).
name: grade
on: [push]
permissions:
  contents: read
  checks: write
jobs:
  grade:
    runs-on: ubuntu-24.04
    timeout-minutes: 40
    steps:
      - uses: actions/checkout@v4
      - name: Fetch the grader
        run: curl --fail --location --output noobcash "$NOOBCASH_URL" && chmod +x noobcash
        env:
          NOOBCASH_URL: \${{ vars.NOOBCASH_URL }}
      - name: Grade
        # Root, since runners refuse namespaces to ordinary users: they are the sandbox.
        # With the runner's PATH, so that what actions/setup-… installed is found.
        run: sudo env "PATH=$PATH" ./noobcash conform --adapter adapter.yaml --out results
      - name: Keep the score sheet
        if: always()
        uses: actions/upload-artifact@v4
        with:
          name: score-sheet
          path: results/
      - name: Show the tests
        if: always()
        uses: mikepenz/action-junit-report@v5
        with:
          report_paths: results/junit.xml
`;
