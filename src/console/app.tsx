/** What every page has around it: the query cache, the session, the routes. Pages load when visited. */

import { QueryClientProvider } from '@tanstack/react-query';
import { createBrowserRouter, Navigate, RouterProvider } from 'react-router';
import { makeQueryClient } from './hooks/queries.ts';
import { useSession } from './hooks/session.tsx';
import { Shell } from './ui/shell.tsx';
import { Bones, Failed } from './ui/states.tsx';
import { Toasts } from './ui/toasts.tsx';
import { NewPassword } from './views/new-password.tsx';
import { PageFault } from './views/page-fault.tsx';
import { SignIn } from './views/sign-in.tsx';

const queryClient = makeQueryClient();

const router = createBrowserRouter(
  [
    {
      path: '/',
      Component: Shell,
      ErrorBoundary: PageFault,
      HydrateFallback: () => null,
      children: [{ ErrorBoundary: PageFault, children: pages() }],
    },
  ],
  { basename: '/console' },
);

function pages() {
  return [
    {
      index: true,
      lazy: async () => ({ Component: (await import('./views/overview.tsx')).Overview }),
    },
    {
      path: 'clients',
      lazy: async () => ({ Component: (await import('./views/clients.tsx')).Clients }),
    },
    {
      path: 'clients/:id',
      lazy: async () => ({ Component: (await import('./views/client.tsx')).Client }),
    },
    {
      path: 'retirement',
      lazy: async () => ({ Component: (await import('./views/retirement.tsx')).Retirement }),
    },
    {
      path: 'doctor',
      lazy: async () => ({ Component: (await import('./views/doctor.tsx')).Doctor }),
    },
    {
      path: 'explain',
      lazy: async () => ({ Component: (await import('./views/explain.tsx')).Explain }),
    },
    {
      path: 'vault',
      lazy: async () => ({ Component: (await import('./views/vault.tsx')).Vault }),
    },
    {
      path: 'audit',
      lazy: async () => ({ Component: (await import('./views/audit.tsx')).Audit }),
    },
    { path: '*', element: <Navigate to="/" replace /> },
  ];
}

export function App() {
  return (
    <QueryClientProvider client={queryClient}>
      <Gate />
      <Toasts />
    </QueryClientProvider>
  );
}

/** Who is not signed in sees the sign-in page at whatever address, and then the page asked for. */
function Gate() {
  const session = useSession();
  if (session.data === undefined) {
    return (
      <main className="alone">
        {session.isError ? (
          <Failed error={session.error} onRetry={() => void session.refetch()} />
        ) : (
          <Bones lines={3} />
        )}
      </main>
    );
  }
  const { user } = session.data;
  if (user === null) return <SignIn certificate={session.data.certificate} />;
  if (user.mustChangePassword) return <NewPassword name={user.name} />;
  return <RouterProvider router={router} />;
}
