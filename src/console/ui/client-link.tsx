/** A client by its name, with the way to its page. */

import { Link } from 'react-router';

export function ClientLink({ id, name }: { readonly id: string; readonly name: string }) {
  return (
    <Link to={`/clients/${encodeURIComponent(id)}`} title={name}>
      {name}
    </Link>
  );
}
