import { Stack, Title } from "@mantine/core";
import { useEffect, useRef, type ReactNode } from "react";
import { useLocation } from "react-router";

/** shown is the address whose heading had the focus last, so that only going on moves it and not opening the console. */
let shown: string | undefined;

/** Page is what a route shows: the browser's title, and one heading, which the focus goes to when one comes here. */
export function Page({ title, place, children }: { title: string; place?: string | undefined; children: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null);
  const { pathname } = useLocation();
  useEffect(() => {
    const at = `${pathname} ${title}`;
    if (shown !== undefined && shown !== at) heading.current?.focus();
    shown = at;
  }, [pathname, title]);
  return (
    <Stack gap="md">
      <title>{place ? `${title} · ${place}` : title}</title>
      <Title order={1} ref={heading} tabIndex={-1}>
        {title}
      </Title>
      {children}
    </Stack>
  );
}
