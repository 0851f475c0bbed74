/** The console begins here: the vault's pages in a browser, a client of its HTTP API like any other. */

import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { startSettings } from './hooks/settings.ts';
import './ui/tokens.css';
import './ui/base.css';
import './ui/shell.css';
import './ui/parts.css';

startSettings();
const root = document.getElementById('root');
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
